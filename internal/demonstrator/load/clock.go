package load

import "time"

// Clock is what the engine knows of the time.
type Clock interface {
	// Now is monotonic: the time since an instant of the clock's choice. It is read
	// several times a request.
	Now() time.Duration
	// Wall is the time of day, which people and other machines may set: it dates
	// the run, and shows when it was set.
	Wall() time.Time
}

// System returns the machine's clock.
func System() Clock { return system{base: time.Now()} }

type system struct{ base time.Time }

func (s system) Now() time.Duration { return time.Since(s.base) }

func (s system) Wall() time.Time { return time.Now() }

const (
	clockEvery   = 100 * time.Millisecond
	clockBracket = 200 * time.Microsecond // between the two monotonic readings around one of the wall
)

// steps watches for jumps of the wall clock against the monotonic one: somebody
// set the time, or the machine slept.
type steps struct {
	clock   Clock
	known   bool
	offset  time.Duration // wall less monotonic, from the first reading's
	began   time.Time
	largest time.Duration
}

// look reads both clocks. The wall clock is read between two readings of the
// other; when these are far apart, the thread was interrupted, and nothing is
// learnt.
func (s *steps) look() {
	before := s.clock.Now()
	wall := s.clock.Wall().Round(0) // without Go's own monotonic reading
	if s.clock.Now()-before > clockBracket {
		return
	}
	if !s.known {
		s.known, s.began, s.offset = true, wall, -before
		return
	}
	offset := wall.Sub(s.began) - before
	step := offset - s.offset
	s.offset = offset
	s.largest = max(s.largest, step, -step)
}
