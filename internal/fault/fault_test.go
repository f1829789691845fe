package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"aloi.dev/internal/fault"
)

// words is a message in two languages, without our own package of languages.
type words [2]string

func (w words) In(code string) string {
	if code == "en" {
		return w[1]
	}
	return w[0]
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	inner := fault.New(fault.NotFound, words{"absent", "absent"})
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"nil":           {nil, fault.Internal},
		"unknown":       {errors.New("x"), fault.Internal},
		"fault":         {inner, fault.NotFound},
		"wrapped":       {fmt.Errorf("open: %w", inner), fault.NotFound},
		"outermost":     {fault.Wrap(fault.Unavailable, words{}, inner), fault.Unavailable},
		"joined":        {errors.Join(errors.New("x"), inner), fault.NotFound},
		"fault's cause": {fault.Wrap(fault.Invalid, words{}, errors.New("x")), fault.Invalid},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestKind_String(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		if k.String() == "" || seen[k.String()] {
			t.Errorf("kind %d is named %q", int(k), k)
		}
		seen[k.String()] = true
	}
	for _, k := range []fault.Kind{-1, fault.Unavailable + 1} {
		if k.String() != "internal" {
			t.Errorf("kind %d is named %q", int(k), k)
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	said := words{"écriture impossible", "can't write"}
	for name, c := range map[string]struct {
		err    error
		fr, en string
	}{
		"fault":      {fault.New(fault.Invalid, said), "écriture impossible", "can't write"},
		"with cause": {fault.Wrap(fault.Unavailable, said, cause), "écriture impossible: disk full", "can't write: disk full"},
		"wrapped":    {fmt.Errorf("run: %w", fault.New(fault.Invalid, said)), "écriture impossible", "can't write"},
		"unknown":    {cause, "disk full", "disk full"},
	} {
		if fr, en := fault.Say(c.err, "fr"), fault.Say(c.err, "en"); fr != c.fr || en != c.en {
			t.Errorf("%s: %q, %q", name, fr, en)
		}
	}
	err := fault.Wrap(fault.Unavailable, said, cause)
	if !errors.Is(err, cause) || err.Error() != "can't write: disk full" {
		t.Errorf("%v", err)
	}
}
