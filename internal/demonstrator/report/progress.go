package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// ProgressOptions says what progress is shown on. On a terminal each offer has a
// line that is redrawn in place; elsewhere there are plain lines. Now is the
// clock that paces the redraws; without one, every event redraws.
type ProgressOptions struct {
	TTY   bool
	Width int
	Now   func() time.Time
}

// pace is the least time between two redraws.
const pace = 100 * time.Millisecond

// Progress shows how a run goes. Safe for concurrent use. What can't be written
// is dropped: the run goes on without a display.
type Progress struct {
	w   io.Writer
	p   printer
	opt ProgressOptions

	mu     sync.Mutex
	order  []string
	offers map[string]*offerProgress
	drawn  int // lines of the block on screen
	last   time.Time
	draws  int
	timer  *time.Timer // redraws what a busy moment left undrawn; nil when nothing is
	closed bool
}

// offerProgress counts what came of one offer's checks.
type offerProgress struct {
	total, done, passed, failed, errors int
	running                             []string
	load                                *loadProgress // under way
	told                                int           // quarters already reported
	down                                bool          // a control call failed, and it was said
}

// NewProgress starts a display: totals are the checks of each offer, order the
// offers from top to bottom.
func NewProgress(w io.Writer, l lang.Lang, opt ProgressOptions, totals map[string]int, order []string) *Progress {
	if opt.Width <= 0 {
		opt.Width = usual
	}
	p := &Progress{w: w, p: printer{l}, opt: opt, order: order, offers: map[string]*offerProgress{}}
	for _, id := range order {
		p.offers[id] = &offerProgress{total: totals[id]}
	}
	return p
}

// Started hears of a check that begins.
func (p *Progress) Started(offer, check string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.offers[offer]
	if o == nil || p.closed {
		return
	}
	o.running = append(o.running, check)
	p.refresh()
}

// Done hears of a result.
func (p *Progress) Done(r measure.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.offers[r.Offer]
	if o == nil || p.closed {
		return
	}
	o.count(r)
	if p.opt.TTY {
		p.refresh()
		return
	}
	down := r.Reason != nil && r.Reason.Cause == measure.Control
	if s := stateOf(&r); s == measure.Fail || s == measure.Errored && (!down || !o.down) {
		o.down = o.down || down // a service that doesn't answer is said once, not for each check
		p.printf("%s\n", p.p.word("pair", line(r.Offer)+" "+line(r.Check), p.p.word("pair", p.p.state(s).Word, line(p.p.because(&r)))))
	}
	if quarter := 4 * o.done / max(o.total, 1); quarter > o.told {
		o.told = quarter
		p.printf("%s\n", p.p.word("progress.line", line(r.Offer), p.p.number(int64(o.done)), p.p.number(int64(o.total)), share(o.done, o.total), p.counts(o)))
	}
}

// Loaded hears of a block of a load.
func (p *Progress) Loaded(plan measure.LoadPlan, offer string, b measure.LoadBlock) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.offers[offer]
	if o == nil || p.closed {
		return
	}
	if o.load == nil || o.load.plan != plan {
		o.load = &loadProgress{plan: plan}
	}
	o.load.blocks++
	o.load.requests += b.Requests
	o.load.lost += b.Failed + b.Dropped
	if p.opt.TTY {
		p.refresh()
		return
	}
	if o.load.blocks == 1 || o.load.blocks%plainBlocks == 0 {
		p.printf("%s\n", p.p.word("pair", line(offer), p.loading(o.load)))
	}
}

// plainBlocks is after how many blocks there is a line again, without a terminal.
const plainBlocks = 100

// loadProgress counts the blocks of one load.
type loadProgress struct {
	plan           measure.LoadPlan
	blocks         int
	requests, lost int64
}

func (p *Progress) loading(l *loadProgress) string {
	return p.p.word("progress.load", line(l.plan.Service+"/"+l.plan.Operation), p.p.number(int64(l.blocks)), p.p.number(l.requests), p.p.number(l.lost))
}

func (o *offerProgress) count(r measure.Result) {
	o.done++
	o.total = max(o.total, o.done) // how many tests a foreign suite has is not always known before
	switch stateOf(&r) {
	case measure.Pass:
		o.passed++
	case measure.Fail:
		o.failed++
	case measure.Errored:
		o.errors++
	}
	for i, check := range o.running {
		if check == r.Check {
			o.running = append(o.running[:i], o.running[i+1:]...)
			break
		}
	}
}

// Note says something above the display.
func (p *Progress) Note(t lang.Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if p.drawn > 0 {
		p.printf("\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
	p.printf("%s\n", line(p.p.say(t)))
	if p.opt.TTY {
		p.draw()
	}
}

// Close draws a last time and ends the display.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if p.opt.TTY {
		p.draw()
	}
	p.closed = true
}

// refresh draws now, or once the pace allows.
func (p *Progress) refresh() {
	if !p.opt.TTY {
		return
	}
	if p.opt.Now != nil {
		if wait := p.last.Add(pace).Sub(p.opt.Now()); wait > 0 && p.drawn > 0 {
			if p.timer == nil {
				after := p.draws
				p.timer = time.AfterFunc(wait, func() { p.late(after) })
			}
			return
		}
	}
	p.draw()
}

// late draws what refresh put off, unless another draw came first.
func (p *Progress) late(after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.draws == after && !p.closed {
		p.draw()
	}
}

// draw replaces the block by a new one, in one write.
func (p *Progress) draw() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.opt.Now != nil {
		p.last = p.opt.Now()
	}
	var out strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", p.drawn)
	}
	label := 0
	for _, id := range p.order {
		label = max(label, min(columnsOf(line(id)), 20))
	}
	for _, id := range p.order {
		out.WriteString("\r\x1b[2K" + p.line(id, label) + "\n")
	}
	p.drawn, p.draws = len(p.order), p.draws+1
	p.printf("%s", out.String())
}

// line is an offer's line: name, bar, counts and a check under way.
func (p *Progress) line(id string, label int) string {
	o := p.offers[id]
	total := fmt.Sprint(o.total)
	text := pad(cut(line(id), label), label) + " " + bar(o.done, o.total) + fmt.Sprintf(" %*d/%s  ✓ %d  ✗ %d  ! %d", len(total), o.done, total, o.passed, o.failed, o.errors)
	if n := len(o.running); n > 0 {
		text += "  " + line(o.running[n-1])
	} else if o.load != nil {
		text += "  " + p.loading(o.load)
	}
	return cut(text, p.opt.Width-1)
}

const barWidth = 20

func bar(n, of int) string {
	full := min(barWidth, barWidth*n/max(of, 1))
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}

func (p *Progress) counts(o *offerProgress) string {
	return p.p.word("progress.counts", o.passed, o.failed, o.errors)
}

func (p *Progress) printf(format string, args ...any) {
	_, _ = io.WriteString(p.w, plainSpaces.Replace(fmt.Sprintf(format, args...)))
}
