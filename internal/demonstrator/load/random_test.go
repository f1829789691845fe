package load

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestNegLog2(t *testing.T) {
	t.Parallel()
	r := stream(1, "test", 0)
	for _, x := range []uint64{0, 1, 2, 3, 7, 1 << 20, 1<<63 - 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64, r.Next(), r.Next() >> 9, r.Next() >> 33} {
		whole, part := negLog2(x)
		got, want := float64(whole)+float64(part)/(1<<63)/2, 64-math.Log2(float64(x)+1)
		if math.Abs(got-want) > 2e-14*max(1, want) {
			t.Errorf("negLog2(%d) = %.17g, want %.17g", x, got, want)
		}
	}
}

// TestExponential holds the gaps against their distribution: the largest distance
// to it (Kolmogorov and Smirnov) is above 1.95/sqrt(n) once in a thousand seeds.
func TestExponential(t *testing.T) {
	t.Parallel()
	const n, mean = 100_000, 5 * time.Millisecond
	r := stream(42, "test", 0)
	gaps := make([]float64, n)
	sum := 0.0
	for i := range gaps {
		gaps[i] = float64(r.exponential(mean)) / float64(mean)
		sum += gaps[i]
	}
	if got := sum / n; math.Abs(got-1) > 4/math.Sqrt(n) {
		t.Errorf("the mean of %d gaps is %.4f means", n, got)
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, g := range gaps {
		worst = max(worst, math.Abs(1-math.Exp(-g)-float64(i)/n))
	}
	if worst > 1.95/math.Sqrt(n) {
		t.Errorf("the gaps are %.5f away from the exponential distribution", worst)
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	r, seen := stream(7, "test", 0), [7]int{}
	for range 70_000 {
		seen[r.below(7)]++
	}
	for i, n := range seen {
		if n < 9_600 || n > 10_400 { // 4 deviations
			t.Errorf("%d came %d times in 70,000", i, n)
		}
	}
}
