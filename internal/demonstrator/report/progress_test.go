package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/lang"
)

func TestProgress_Plain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, lang.EN, report.ProgressOptions{}, map[string]int{"alpage": 4, "brume": 2}, []string{"alpage", "brume"})
	for i, s := range []measure.State{measure.Pass, measure.Fail, measure.Unsupported, measure.Errored} {
		p.Started("alpage", fmt.Sprintf("s3/a/%d", i))
		p.Done(outcome("alpage", fmt.Sprintf("s3/a/%d", i), s))
	}
	p.Note(lang.T("Arrêt demandé…", "Stopping..."))
	p.Done(outcome("brume", "s3/a/0", measure.Pass))
	p.Done(outcome("brume", "s3/a/1", measure.NotRun))
	p.Done(outcome("nobody", "s3/a/1", measure.Pass))
	p.Close()
	p.Close()
	p.Done(outcome("brume", "s3/a/1", measure.Fail))
	want := `alpage: 1 of 4 (25 %): 1 passed, 0 failed, 0 errors
alpage s3/a/1: fail: GET ␛[2J returned 500; RFC 9110 wants 200.
alpage: 2 of 4 (50 %): 1 passed, 1 failed, 0 errors
alpage: 3 of 4 (75 %): 1 passed, 1 failed, 0 errors
alpage s3/a/3: error: GET ␛[2J returned 500; RFC 9110 wants 200.
alpage: 4 of 4 (100 %): 1 passed, 1 failed, 1 errors
Stopping...
brume: 1 of 2 (50 %): 1 passed, 0 failed, 0 errors
brume: 2 of 2 (100 %): 1 passed, 0 failed, 0 errors
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestProgress_Terminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := report.NewProgress(&out, lang.FR, report.ProgressOptions{TTY: true, Width: 70, Now: time.Now}, map[string]int{"alpage": 100, "brume": 100}, []string{"alpage", "brume"})
		for i := range 100 { // one second
			p.Started("alpage", fmt.Sprintf("s3/object/a-check-with-a-long-name-%d", i))
			time.Sleep(10 * time.Millisecond)
			p.Done(outcome("alpage", fmt.Sprintf("s3/object/a-check-with-a-long-name-%d", i), measure.States[i%5]))
		}
		if n := strings.Count(out.String(), "alpage"); n < 8 || n > 12 {
			t.Errorf("%d redraws in a second", n)
		}
		p.Note(lang.T("Arrêt demandé…", "Stopping..."))
		p.Started("brume", "s3/range/first")
		time.Sleep(time.Second) // a quiet moment: what was put off is drawn
		synctest.Wait()
		if !strings.Contains(out.String(), "s3/range/first") {
			t.Error("the check under way doesn't show")
		}
		p.Close()
		screen := replay(out.String())
		want := []string{
			"Arrêt demandé…",
			"alpage ████████████████████ 100/100  ✓ 20  ✗ 20  ! 20",
			"brume  ░░░░░░░░░░░░░░░░░░░░   0/100  ✓ 0  ✗ 0  ! 0  s3/range/first",
		}
		if got := strings.Join(screen, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("the screen ends as:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
		}
		for _, line := range screen {
			if len([]rune(line)) >= 70 {
				t.Errorf("a line wraps: %s", line)
			}
		}
	})
}

func TestProgress_Concurrent(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := report.NewProgress(&out, lang.FR, report.ProgressOptions{TTY: true, Now: time.Now}, map[string]int{"alpage": 400}, []string{"alpage"})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 50 {
				id := fmt.Sprintf("s3/%d/%d", w, i)
				p.Started("alpage", id)
				p.Done(outcome("alpage", id, measure.Pass))
			}
		})
	}
	wg.Wait()
	p.Close()
	if screen := replay(out.String()); !strings.Contains(strings.Join(screen, "\n"), "400/400  ✓ 400") {
		t.Errorf("the screen ends as %q", screen)
	}
}

func outcome(offer, check string, s measure.State) measure.Result {
	r := measure.Result{Offer: offer, Check: check, State: s}
	if s != measure.Pass {
		r.Reason = &measure.Reason{Cause: measure.Assertion, Did: "GET \x1b[2J", Got: "500", Want: "200", Rule: "RFC 9110"}
	}
	return r
}

// replay gives the lines that a terminal shows after the few codes that progress uses.
func replay(out string) []string {
	var screen []string
	row := 0
	for out != "" {
		var n int
		switch {
		case strings.HasPrefix(out, "\x1b[2K"):
			screen[row], out = "", out[4:]
		case strings.HasPrefix(out, "\x1b[J"):
			screen, out = screen[:row], out[3:]
		case strings.HasPrefix(out, "\x1b["):
			_, _ = fmt.Sscanf(out, "\x1b[%dA", &n)
			row -= n
			out = out[strings.IndexByte(out, 'A')+1:]
		case out[0] == '\r':
			out = out[1:]
		case out[0] == '\n':
			row++
			out = out[1:]
		default:
			end := strings.IndexAny(out, "\x1b\r\n")
			for len(screen) <= row {
				screen = append(screen, "")
			}
			screen[row] += out[:end]
			out = out[end:]
		}
		for len(screen) <= row && strings.HasPrefix(out, "\x1b[2K") {
			screen = append(screen, "")
		}
	}
	return screen
}
