package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/net/html"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/lang"
)

// fewDraws keep the files of testdata as they are and the tests short.
var fewDraws = score.Draws{Seed: 1, N: 2000}

// comparisons are those to examine, by name.
func comparisons() map[string]*report.Comparison {
	later, other := laterRun(), otherCatalogue()
	sealed := sample(1)
	sealed.Record.Sealed = &evidence.Seal{By: evidence.Signer{Holder: "Alpage Numérique SAS, " + hostile, Role: "applicant"}, Trusted: true}
	stranger := sample(1)
	stranger.Record.Sealed = &evidence.Seal{By: evidence.Signer{Holder: "Quelqu'un", Role: "operator"}}
	compare := func(on catalogue.Date, views ...report.View) *report.Comparison {
		return report.Compare(views, report.CompareOptions{On: on, Draws: fewDraws})
	}
	return map[string]*report.Comparison{
		"none": compare(""), "same": compare("", sample(2), sample(2)), "later": compare("", later, sample(2)), "catalogues": compare("", sample(2), other),
		"one-more": compare("", sealed, sample(3), later), "stranger": compare("", stranger, later), "expired": compare("2026-09-18", valid(sample(2)), valid(later)), "ranked": compare("", ranked()),
		"tie": compare("", tie()), "alone": compare("", sample(1)), "partial": compare("", partial(), sample(4)),
	}
}

// laterRun is a week later: two checks pass, one fails, and an offer is described
// otherwise.
func laterRun() report.View {
	later := sample(2)
	later.Record.Plan.Run, later.Record.Plan.Started = "aloi-z9y8x7w6v5", began.AddDate(0, 0, 7)
	later.Record.Plan.Offers[1].Digest = strings.Replace(digest, "4f", "cc", 1)
	for i := range later.Record.Results {
		r := &later.Record.Results[i]
		r.Started = r.Started.AddDate(0, 0, 7)
		switch r.Check {
		case "s3/range/middle", "s3/range/multiple":
			r.State, r.Reason = measure.Pass, nil
		case "s3/bucket/create":
			r.State, r.Reason = measure.Fail, &measure.Reason{Cause: measure.Assertion, Did: "PUT", Got: "500", Want: "200"}
		}
	}
	return decided(later.Record)
}

// valid gives the measurements of one need 40 days to count.
func valid(v report.View) report.View {
	cat := *v.Record.Catalogue
	cat.Targets = slices.Clone(cat.Targets)
	for i := range cat.Targets {
		if cat.Targets[i].Need == "read" {
			cat.Targets[i].Validity = new(measure.Duration(40 * 24 * time.Hour))
		}
	}
	record := *v.Record
	record.Catalogue = &cat
	return decided(&record)
}

// otherCatalogue lacks a target, weighs another otherwise and words a third anew.
func otherCatalogue() report.View {
	other := sample(3)
	other.Record.Plan.Run, other.Record.Plan.Catalogue = "aloi-m1n2o3p4q5", strings.Replace(digest, "4f", "dd", 1)
	cat := *other.Record.Catalogue
	cat.Targets = slices.Clone(cat.Targets[1:])
	cat.Targets[0].Weight = 50
	cat.Targets[1].Title = lang.T("Autre titre", "Another title")
	f := *cat.Targets[2].Functional
	f.Checks = slices.Clone(f.Checks[1:])
	cat.Targets[2].Functional = &f
	other.Record.Catalogue = &cat
	return decided(other.Record)
}

// ranked is a run of four offers with their gates met: three are ranked, with
// different strengths, and one has a target that is not established.
func ranked() report.View {
	v := sample(4)
	for i := range v.Record.Offers {
		v.Record.Offers[i].Positions = []catalogue.NeedID{"store", "protect", "read"}
	}
	v.Record.Catalogue.Targets = slices.DeleteFunc(v.Record.Catalogue.Targets, func(t catalogue.Target) bool { return t.Functional == nil })
	failing := map[string][]string{
		"alpage": {"s3/lock/read", "s3/lock/list", "s3/lock/copy", "s3/lock/version"},
		"brume":  {"s3/range/suffix", "s3/range/multiple", "s3/version/pages", "s3/version/prefix"},
		"cirrus": {"s3/object/copy", "s3/object/etag", "s3/object/many", "s3/bucket/missing"},
	}
	v.Record.Results = nil
	for _, o := range v.Record.Offers {
		for _, c := range v.Record.Plan.Checks {
			r := measure.Result{Offer: string(o.ID), Check: c.ID, State: measure.Pass, Started: began}
			switch {
			case slices.Contains(failing[string(o.ID)], c.ID):
				r.State, r.Reason = measure.Fail, &measure.Reason{Cause: measure.Assertion, Did: "GET", Got: "500", Want: "200"}
			case o.ID == "dune" && strings.HasPrefix(c.ID, "s3/lock/"):
				r.State, r.Reason = measure.NotRun, &measure.Reason{Cause: measure.Filtered}
			}
			v.Record.Results = append(v.Record.Results, r)
		}
	}
	return decided(v.Record)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, c := range comparisons() {
		for _, l := range lang.All {
			var out bytes.Buffer
			if err := c.Terminal(&out, l, report.TerminalOptions{Width: 100}); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(out.String(), "\x1b\x00\u00a0\u202f\u202e") || strings.Contains(out.String(), "%!") {
				t.Errorf("%s %s: it holds a character that acts", name, l)
			}
			golden(t, "compare-"+name+"."+string(l)+".txt", out.String())
		}
		if name == "none" || name == "ranked" || name == "catalogues" { // the schema has the others
			golden(t, "compare-"+name+".json", comparedJSON(t, c))
		}
	}
}

func comparedJSON(t *testing.T, c *report.Comparison) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.JSON(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func comparedPage(t *testing.T, c *report.Comparison, l lang.Lang) *parsed {
	t.Helper()
	var out bytes.Buffer
	if err := c.HTML(&out, l, "report."+string(map[lang.Lang]lang.Lang{lang.FR: lang.EN, lang.EN: lang.FR}[l])+".html"); err != nil {
		t.Fatal(err)
	}
	return parsePage(t, out.String())
}

func TestCompare_Page(t *testing.T) {
	t.Parallel()
	for name, c := range comparisons() {
		if name == "none" {
			continue
		}
		for _, l := range lang.All {
			t.Run(name+" "+string(l), func(t *testing.T) {
				t.Parallel()
				p := comparedPage(t, c, l)
				p.checkHead(l)
				p.checkTables()
				p.checkLinks(l)
				p.checkTexts(l)
				if body := html.UnescapeString(text(p.root)); strings.Contains(body, "\x1b") || strings.Contains(body, "\u202e") {
					t.Error("a hostile text acts")
				}
			})
		}
	}
}

// The page says in each language what the terminal and the JSON say.
func TestCompare_PageSays(t *testing.T) {
	t.Parallel()
	all := comparisons()
	for name, wants := range map[string][]string{
		"ranked":     {"How sure is this ranking?", "2,000 weightings drawn", "seed 1", "What is not established", "All gates met", "first and second"},
		"catalogues": {"DIFFERENT CATALOGUES", "What differs between the catalogues", "the requirement differs", "only the wording", "only in A", "weight", "no ranking across them"},
		"later":      {"newly failing", "fixed", "of 60)", "Its description changed"},
		"expired":    {"EXPIRED VERDICTS", "expired: counted until"},
		"stranger":   {"Quelqu'un", "signature not checked"},
		"one-more":   {"declared by Alpage Numérique SAS", "weren't measured in the same run", "not sealed"},
		"alone":      {"No offer is in several runs"},
		"partial":    {"INCOMPLETE RUN", "PARTIAL SELECTION"},
		"tie":        {"tie"},
	} {
		body := strings.ReplaceAll(text(comparedPage(t, all[name], lang.EN).root), "\u00a0", " ")
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("the page of %s doesn't say %q", name, want)
			}
		}
	}
}

// Verdicts on nothing are never green, side by side or over time.
func TestCompare_NothingLooksGreenThatDidNotRun(t *testing.T) {
	t.Parallel()
	killed := pagesOf()["killed"]
	killed.Record.Catalogue.Targets = slices.DeleteFunc(killed.Record.Catalogue.Targets, func(target catalogue.Target) bool { return target.Role == catalogue.Gate && target.Need != "store" })
	killed = decided(killed.Record)
	killed.Record.Plan.Started = killed.Record.Plan.Started.AddDate(0, 0, 1)
	p := comparedPage(t, report.Compare([]report.View{killed, killed}, report.CompareOptions{Draws: fewDraws}), lang.EN)
	for _, n := range p.all("span") {
		if class := attr(n, "class"); (class == "mark pass" || class == "mark met") && !inside(n, "reading") && !strings.Contains(text(n), "gate") {
			t.Errorf("two runs without results show %q", text(n))
		}
	}
}

func TestCompare_Schema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, "compare.json")
	for name, c := range comparisons() {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(comparedJSON(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "later" {
			instance.(map[string]any)["history"].([]any)[0].(map[string]any)["targets"].([]any)[0].(map[string]any)["change"] = "greener"
			if schema.Validate(instance) == nil {
				t.Error("the schema takes an unknown change")
			}
		}
	}
}

// The order in which runs are given chooses columns and letters, nothing else.
func TestCompare_Order(t *testing.T) {
	t.Parallel()
	changes := func(views ...report.View) (list []string) {
		var got struct {
			History []struct {
				Offer   string
				Targets []struct{ Target, Change string }
				Checks  []struct{ Check, Change string }
			}
		}
		if err := json.Unmarshal([]byte(comparedJSON(t, report.Compare(views, report.CompareOptions{Draws: fewDraws}))), &got); err != nil {
			t.Fatal(err)
		}
		for _, h := range got.History {
			for _, x := range h.Targets {
				list = append(list, fmt.Sprint(h.Offer, x))
			}
			for _, x := range h.Checks {
				list = append(list, fmt.Sprint(h.Offer, x))
			}
		}
		slices.Sort(list)
		return list
	}
	a, b := changes(sample(2), laterRun()), changes(laterRun(), sample(2))
	if !slices.Equal(a, b) || !slices.ContainsFunc(a, func(s string) bool { return strings.Contains(s, "newly-failing") }) {
		t.Errorf("in one order:\n%s\nin the other:\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// A run's own page says how sure its ranking is, where two offers are ranked.
func TestHTML_Stability(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		view report.View
		want bool
	}{"four ranked": {ranked(), true}, "tie": {tie(), false}, "one": {sample(1), false}} {
		p := parsePage(t, render(t, c.view, lang.EN))
		p.checkHead(lang.EN)
		p.checkTables()
		p.checkLinks(lang.EN)
		if _, shown := p.ids["stability"]; shown != (len(score.Stabilities(c.view.Record.Catalogue, c.view.Cards, fewDraws)) > 0) || c.want && !shown {
			t.Errorf("%s: stability is shown: %t", name, shown)
		}
	}
}

// compiled is one of the published schemas.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("../../../docs/schema/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
