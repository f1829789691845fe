package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// The types below are the JUnit report as continuous integration reads it.
type (
	junitReport struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		Time    string      `xml:"time,attr"`
		Failure *junitWhy   `xml:"failure"`
		Error   *junitWhy   `xml:"error"`
		Skipped *junitCause `xml:"skipped"`
		Out     string      `xml:"system-out,omitempty"`
	}
	junitWhy struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitCause struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes what became of one offer: a testcase for each target, failing
// unless it is met or not evaluated, and one for each check. It is in English,
// as the tools that read it are.
func JUnit(w io.Writer, v View, offer catalogue.OfferID) error {
	card := v.card(offer)
	if card == nil {
		return fmt.Errorf("JUnit report: the run has no offer %q", offer)
	}
	out := junitReport{Name: visible("aloi " + v.Record.Plan.Run + " " + string(offer))}
	out.add(v, "targets", v.targetCases(card), 0)
	cases, took := v.checkCases(offer)
	out.add(v, "checks", cases, took)
	out.Time = seconds(took)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("JUnit report: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r *junitReport) add(v View, name string, cases []junitCase, took time.Duration) {
	plan := v.Record.Plan
	suite := junitSuite{Name: name, Timestamp: plan.Started.Format(time.RFC3339), Cases: cases, Properties: []junitProperty{
		{"run", visible(plan.Run)}, {"catalogue", visible(plan.Catalogue)}, {"complete", fmt.Sprint(v.Record.Complete())},
	}}
	suite.Tests, suite.Time = len(cases), seconds(took)
	for _, c := range cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	r.Tests += suite.Tests
	r.Failures += suite.Failures
	r.Errors += suite.Errors
	r.Skipped += suite.Skipped
	r.Suites = append(r.Suites, suite)
}

func (v View) targetCases(card *score.Card) []junitCase {
	p := printer{lang.EN}
	var cases []junitCase
	for _, t := range card.Targets {
		c := junitCase{Name: visible(string(t.Target)), Class: visible("targets." + string(t.Need)), Time: "0"}
		switch t.Verdict {
		case score.Met:
		case score.NotEvaluated:
			c.Skipped = &junitCause{p.say(t.Reason)}
		default:
			text := fmt.Sprintf("%s, %d / %d / %d passed / run / required", p.verdict(t.Verdict).Word, t.Tally.Passed, t.Tally.Run, t.Tally.Required)
			if t.Value != nil {
				text += ", value " + score.Percent(t.Value, 1) + " %"
			}
			c.Failure = &junitWhy{Message: p.say(t.Reason), Type: string(t.Verdict), Text: text}
		}
		c.Out = p.findingText(&t)
		cases = append(cases, c)
	}
	return cases
}

func (v View) checkCases(offer catalogue.OfferID) (cases []junitCase, took time.Duration) {
	p := printer{lang.EN}
	latest := v.results(offer)
	for _, check := range v.checks() {
		r := latest[check.ID]
		c := junitCase{Name: visible(check.ID), Class: visible("checks." + strings.ReplaceAll(group(check.ID), "/", ".")), Time: "0"}
		if r != nil {
			c.Time = seconds(r.Duration)
			took += r.Duration
		}
		switch s := stateOf(r); s {
		case measure.Pass:
		case measure.Fail:
			c.Failure = &junitWhy{Message: p.because(r), Type: cause(r), Text: v.transcript(check.Title, check.Rule, r)}
		case measure.Errored:
			c.Error = &junitWhy{Message: p.because(r), Type: cause(r), Text: v.transcript(check.Title, check.Rule, r)}
		case missing:
			c.Skipped = &junitCause{p.word("legend." + string(missing))}
		default:
			c.Skipped = &junitCause{p.state(s).Word + ": " + p.because(r)}
		}
		cases = append(cases, c)
	}
	return cases, took
}

func cause(r *measure.Result) string {
	if r.Reason == nil {
		return string(r.State)
	}
	return visible(string(r.Reason.Cause))
}

// transcript is the check's title, its rule and its redacted exchanges.
func (v View) transcript(title lang.Text, rule string, r *measure.Result) string {
	b := builder{printer: printer{lang.EN}, room: roomForExchanges}
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s\n%s\n", b.say(title), visible(rule))
	for _, x := range b.exchanges(r.Exchanges).Exchanges {
		fmt.Fprintf(&text, "\n%s -> %s %s\n", x.Line, x.Answer, x.Error)
		for _, message := range []string{x.Request, x.Response} {
			if message != "" {
				text.WriteString(message + "\n")
			}
		}
	}
	return text.String()
}

func seconds(d time.Duration) string {
	return fmt.Sprintf("%d.%03d", d/time.Second, d%time.Second/time.Millisecond)
}
