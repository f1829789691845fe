package score_test

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// testCase is what a golden file says before what it expects.
type testCase struct {
	on        catalogue.Date
	catalogue *catalogue.Catalogue
	offers    []catalogue.Offer
	results   []measure.Result
	findings  []measure.Finding
}

// parseCase reads the sections written by a person; the form is described in
// testdata/README.md.
func parseCase(t *testing.T, archive *txtar.Archive) testCase {
	c := testCase{on: "2026-06-01", catalogue: &catalogue.Catalogue{}}
	for _, f := range archive.Files {
		kind, offer, _ := strings.Cut(f.Name, " ")
		for line := range fields(f.Data) {
			var err error
			switch kind {
			case "on":
				c.on = catalogue.Date(line[0])
			case "needs":
				c.catalogue.Needs = append(c.catalogue.Needs, catalogue.Need{ID: catalogue.NeedID(line[0])})
			case "targets":
				var target catalogue.Target
				target, err = parseTarget(line)
				c.catalogue.Targets = append(c.catalogue.Targets, target)
			case "offers":
				c.offers = append(c.offers, parseOffer(line))
			case "results":
				var results []measure.Result
				results, err = parseResults(offer, line)
				c.results = append(c.results, results...)
			case "findings":
				var finding measure.Finding
				finding, err = parseFinding(offer, line)
				c.findings = append(c.findings, finding)
			case "card", "ranking", "stability", "what-if":
			default:
				err = fmt.Errorf("unknown section")
			}
			if err != nil {
				t.Fatalf("%s: %q: %v", f.Name, strings.Join(line, " "), err)
			}
		}
	}
	return c
}

// fields yields the words of each line that is neither blank nor a comment.
func fields(data []byte) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		lines := bufio.NewScanner(bytes.NewReader(data))
		for lines.Scan() {
			words := strings.Fields(lines.Text())
			if len(words) > 0 && words[0] != "#" && !yield(words) {
				return
			}
		}
	}
}

// parseTarget reads "gate keep-objects need=storage share=95% cover=90% a/{1..12}".
func parseTarget(line []string) (catalogue.Target, error) {
	t := catalogue.Target{
		ID:     catalogue.TargetID(line[1]),
		Role:   catalogue.Role(line[0]),
		States: []catalogue.Phase{{From: "2026-01-01", State: catalogue.Effective}},
	}
	f := &catalogue.Functional{MinCoverage: measure.Whole}
	for _, word := range line[2:] {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			f.Checks = append(f.Checks, expand(word)...)
			continue
		}
		if err := set(&t, f, key, value); err != nil {
			return t, err
		}
	}
	if t.Quantitative == nil && t.Manual == nil {
		t.Functional = f
	}
	return t, nil
}

func set(t *catalogue.Target, f *catalogue.Functional, key, value string) (err error) {
	switch key {
	case "need":
		t.Need = catalogue.NeedID(value)
	case "weight":
		t.Weight, err = strconv.Atoi(value)
	case "share":
		f.Share, err = share(value)
	case "floor":
		f.Floor, err = share(value)
	case "want":
		f.Want, err = share(value)
	case "cover":
		err = f.MinCoverage.UnmarshalText([]byte(value))
	case "valid":
		t.Validity = new(measure.Duration)
		err = t.Validity.UnmarshalText([]byte(value))
	case "states":
		t.States = nil
		for phase := range strings.SplitSeq(value, ",") {
			state, from, _ := strings.Cut(phase, "@")
			t.States = append(t.States, catalogue.Phase{From: catalogue.Date(from), State: catalogue.TargetState(state)})
		}
	case "kind":
		switch value {
		case "quantitative":
			t.Quantitative = &catalogue.Quantitative{}
		case "manual":
			t.Manual = &catalogue.Manual{}
		}
	default:
		err = fmt.Errorf("unknown key %s", key)
	}
	return err
}

func share(value string) (*measure.Share, error) {
	s := new(measure.Share)
	return s, s.UnmarshalText([]byte(value))
}

// parseOffer reads "alpha storage identity": an id and the needs that it claims.
func parseOffer(line []string) catalogue.Offer {
	offer := catalogue.Offer{ID: catalogue.OfferID(line[0])}
	for _, need := range line[1:] {
		offer.Positions = append(offer.Positions, catalogue.NeedID(need))
	}
	return offer
}

// parseResults reads "a/{1..12} not-run filtered @2026-05-01": checks, a state,
// its cause, and the day it was measured.
func parseResults(offer string, line []string) ([]measure.Result, error) {
	r := measure.Result{Offer: offer, State: measure.State(line[1]), Started: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)}
	if !r.State.Valid() {
		return nil, fmt.Errorf("unknown state %s", r.State)
	}
	for _, word := range line[2:] {
		if word == "@never" {
			r.Started = time.Time{}
			continue
		}
		if day, ok := strings.CutPrefix(word, "@"); ok {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				return nil, err
			}
			r.Started = at.Add(8 * time.Hour)
			continue
		}
		r.Reason = &measure.Reason{Cause: measure.Cause(word)}
	}
	var results []measure.Result
	for _, check := range expand(line[0]) {
		r.Check = check
		results = append(results, r)
	}
	return results, nil
}

// parseFinding reads "exit-plan 80% 2026-05-01 2027-05-01 alice bob": a target, the
// answer, the day it was observed, its last day, and who signed. A question that
// the target doesn't ask comes last, as "question=other".
func parseFinding(offer string, line []string) (measure.Finding, error) {
	f := measure.Finding{Offer: offer, Target: line[0], Observed: line[2], ValidUntil: line[3]}
	for _, word := range line[4:] {
		if question, ok := strings.CutPrefix(word, "question="); ok {
			f.Question = lang.Same(question)
			continue
		}
		f.By = append(f.By, measure.Person{Key: word, Holder: word})
	}
	return f, f.Answer.UnmarshalText([]byte(line[1]))
}

// expand turns "a/{1..3}" into a/1, a/2, a/3.
func expand(word string) []string {
	head, rest, ok := strings.Cut(word, "{")
	if !ok {
		return []string{word}
	}
	span, tail, _ := strings.Cut(rest, "}")
	low, high, _ := strings.Cut(span, "..")
	first, err1 := strconv.Atoi(low)
	last, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil {
		panic("a range is written {1..12}: " + word)
	}
	var words []string
	for n := first; n <= last; n++ {
		words = append(words, head+strconv.Itoa(n)+tail)
	}
	return words
}
