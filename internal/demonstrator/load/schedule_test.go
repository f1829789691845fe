package load

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/schedules.txt")

// TestSchedules holds schedules against a file: the same seed gives the same
// instants on any machine.
func TestSchedules(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, l := range []Load{
		{Shape: Constant, Rate: 200, Block: 50 * time.Millisecond},
		{Shape: Constant, Rate: 100.0 / 3, Block: 200 * time.Millisecond},
		{Shape: Constant, Rate: 0.5, Block: time.Second},
		{Shape: Poisson, Rate: 200, Block: 50 * time.Millisecond},
		{Shape: Steps, Block: 20 * time.Millisecond, Steps: []Step{{Rate: 100, For: 40 * time.Millisecond}, {Rate: 400, For: 20 * time.Millisecond}}},
	} {
		for _, seed := range []uint64{1, 2} {
			for number := range 4 {
				offsets, length, ok := l.arrivals(seed, number, nil)
				fmt.Fprintf(&b, "%s %v/s block %v seed %d number %d: %v length %d offsets %d\n", l.Shape, float64(l.Rate), l.Block, seed, number, ok, length, offsets)
			}
		}
	}
	for round := range 6 {
		fmt.Fprintf(&b, "order of 5, seed 1, round %d: %d\n", round, order(1, round, 5))
	}
	const file = "testdata/schedules.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("schedules differ from %s:\n%s", file, diff)
	}
}

func TestArrivals_Exact(t *testing.T) {
	t.Parallel()
	l := Load{Shape: Constant, Rate: 3, Block: 10 * time.Second}
	offsets, length, _ := l.arrivals(1, 0, nil)
	if len(offsets) != 30 || length != 10*time.Second {
		t.Fatalf("%d requests in %v", len(offsets), length)
	}
	for i, o := range offsets {
		if want := time.Duration(int64(i) * 10_000_000_000 / 30); o != want {
			t.Errorf("request %d at %d, want %d", i, o, want)
		}
	}
}

// TestArrivals_Poisson: blocks have equal numbers, follow each other, and a Poisson
// process has as many arrivals in a second as it should, with that variance.
func TestArrivals_Poisson(t *testing.T) {
	t.Parallel()
	l := Load{Shape: Poisson, Rate: 50, Block: 100 * time.Millisecond}
	const seconds = 4000
	var counts [seconds + 1]float64
	at, number := time.Duration(0), 0
	for ; at < seconds*time.Second; number++ {
		offsets, length, _ := l.arrivals(9, number, nil)
		if len(offsets) != 5 {
			t.Fatalf("block %d has %d requests", number, len(offsets))
		}
		for _, o := range offsets {
			if s := int((at + o) / time.Second); s < seconds {
				counts[s]++
			}
		}
		at += length
	}
	mean, variance := 0.0, 0.0
	for _, c := range counts[:seconds] {
		mean += c / seconds
	}
	for _, c := range counts[:seconds] {
		variance += (c - mean) * (c - mean) / seconds
	}
	if mean < 49.5 || mean > 50.5 || variance < 45 || variance > 55 { // 4 deviations and more
		t.Errorf("%.2f arrivals a second with variance %.2f, want 50 and 50", mean, variance)
	}
}
