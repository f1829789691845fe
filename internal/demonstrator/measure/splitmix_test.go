package measure_test

import (
	"testing"

	"aloi.dev/internal/demonstrator/measure"
)

// The first numbers of SplitMix64 for the seed 1234567, as published with its
// reference implementation in C.
func TestSplitMix64(t *testing.T) {
	t.Parallel()
	r := measure.SplitMix64(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := r.Next(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}
