package postgres

import (
	"testing"
	"time"
)

func TestMaintainedUntil(t *testing.T) {
	t.Parallel()
	for reported, want := range map[string]struct {
		end   string // of maintenance, exclusive
		known bool
		bad   bool
	}{
		"15.18 (Debian 15.18-0+deb12u1)": {end: "2027-11-12", known: true},
		"14.20":                          {end: "2026-11-13", known: true},
		"9.6.24":                         {end: "0001-01-01", known: true},
		"18beta1":                        {end: "2030-11-15", known: true},
		"42.1":                           {end: "0001-01-01", known: false},
		"CockroachDB":                    {bad: true},
		"":                               {bad: true},
	} {
		end, known, err := maintainedUntil(reported)
		if want.bad {
			if err == nil {
				t.Errorf("%q: %s %t", reported, end, known)
			}
			continue
		}
		if err != nil || known != want.known || end.Format(time.DateOnly) != want.end {
			t.Errorf("%q: %s %t %v, want %+v", reported, end, known, err, want)
		}
	}
}
