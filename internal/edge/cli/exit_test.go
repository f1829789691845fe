package cli

import (
	"errors"
	"testing"

	"aloi.dev/internal/demonstrator/score"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		codes []int
		want  int
	}{
		{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 3}, 3}, {[]int{3, 1}, 1}, {[]int{1, 2}, 2}, {[]int{2, 4, 1}, 4},
	} {
		if got := worst(c.codes); got != c.want {
			t.Errorf("worst of %v is %d, want %d", c.codes, got, c.want)
		}
	}
	for v, want := range map[score.Verdict]int{score.Met: 0, score.NotMet: 1, score.NotEstablished: 3, score.NotEvaluated: 3} {
		if got := gatesCode(v); got != want {
			t.Errorf("%s: %d, want %d", v, got, want)
		}
	}
	if exitCode(errors.New("x")) != 4 || exitCode(fault.New(fault.Invalid, lang.Same("x"))) != 2 {
		t.Error("an unclassified error is ours, an invalid input the person's")
	}
}
