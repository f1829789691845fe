package measure_test

import (
	"encoding"
	"fmt"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// unit is what every type of this file can do.
type unit interface {
	encoding.TextUnmarshaler
	encoding.TextMarshaler
}

// kinds makes a zero value of each type and reads its number.
var kinds = map[string]struct {
	zero   func() unit
	number func(unit) float64
}{
	"duration": {func() unit { return new(measure.Duration) }, func(u unit) float64 { return float64(*u.(*measure.Duration)) }},
	"size":     {func() unit { return new(measure.Size) }, func(u unit) float64 { return float64(*u.(*measure.Size)) }},
	"rate":     {func() unit { return new(measure.Rate) }, func(u unit) float64 { return float64(*u.(*measure.Rate)) }},
	"share":    {func() unit { return new(measure.Share) }, func(u unit) float64 { return float64(*u.(*measure.Share)) }},
	"quantile": {func() unit { return new(measure.Quantile) }, func(u unit) float64 { return float64(*u.(*measure.Quantile)) }},
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for kind, cases := range map[string]map[string]struct {
		number  float64
		written string
	}{
		"duration": {
			"20 ms": {float64(20 * time.Millisecond), "20 ms"}, "20ms": {float64(20 * time.Millisecond), "20 ms"},
			"1.5 s": {float64(1500 * time.Millisecond), "1500 ms"}, " 10 min ": {float64(10 * time.Minute), "10 min"},
			"60 min": {float64(time.Hour), "1 h"}, "90 d": {float64(90 * 24 * time.Hour), "90 d"}, "36 h": {float64(36 * time.Hour), "36 h"},
			"250 us": {float64(250 * time.Microsecond), "250 us"}, "0.25 ms": {float64(250 * time.Microsecond), "250 us"},
			"106751 d": {float64(106751 * 24 * time.Hour), "106751 d"},
		},
		"size": {
			"512 B": {512, "512 B"}, "64 KiB": {65536, "64 KiB"}, "200 MB": {2e8, "200 MB"}, "1.5 GiB": {1.5 * (1 << 30), "1536 MiB"},
			"1 kB": {1000, "1 kB"}, "1 KB": {1000, "1 kB"}, "1024 KiB": {1 << 20, "1 MiB"}, "5 TB": {5e12, "5 TB"},
		},
		"rate": {
			"200/s": {200, "200/s"}, "30/min": {0.5, "0.5/s"}, "0.25 /s": {0.25, "0.25/s"}, "1/min": {1.0 / 60, "0.016666666666666666/s"},
		},
		"share": {
			"95 %": {9500, "95 %"}, "95%": {9500, "95 %"}, "99.95 %": {9995, "99.95 %"}, "0 %": {0, "0 %"}, "100 %": {10000, "100 %"}, "0.01 %": {1, "0.01 %"},
		},
		"quantile": {
			"p50": {5000, "p50"}, "p95": {9500, "p95"}, "p99.9": {9990, "p99.9"}, "p99.99": {9999, "p99.99"}, "p0.01": {1, "p0.01"},
		},
	} {
		for text, want := range cases {
			u := kinds[kind].zero()
			if err := u.UnmarshalText([]byte(text)); err != nil {
				t.Errorf("%s %q: %v", kind, text, err)
				continue
			}
			written, err := u.MarshalText()
			if err != nil || kinds[kind].number(u) != want.number || string(written) != want.written || fmt.Sprint(u) == "" {
				t.Errorf("%s %q: %v written %q (%v), want %v written %q", kind, text, kinds[kind].number(u), written, err, want.number, want.written)
			}
			again := kinds[kind].zero()
			if err := again.UnmarshalText(written); err != nil || kinds[kind].number(again) != kinds[kind].number(u) {
				t.Errorf("%s %q: %q doesn't read back (%v)", kind, text, written, err)
			}
		}
	}
}

func TestUnits_Refused(t *testing.T) {
	t.Parallel()
	for kind, texts := range map[string][]string{
		"duration": {"", "20", "ms", "0 ms", "-1 s", "1 minute", "1.2.3 s", "1e3 s", "1 S", "106752 d", "0.0000001 us", ". s", "1,5 s"},
		"size":     {"", "5", "0 B", "1 b", "0.5 B", "-1 MB", "9999999 TiB", "1 Gib"},
		"rate":     {"", "200", "200 s", "0/s", "-1/s", "200/h", "/s"},
		"share":    {"", "95", "101 %", "-1 %", "99.999 %", "1e1 %", "1/2 %", "x %", "%", "1_0 %"},
		"quantile": {"", "95", "p", "p0", "p100", "p99.999", "p1e1", "p1/2", "q95", "p-5"},
	} {
		for _, text := range texts {
			if u := kinds[kind].zero(); u.UnmarshalText([]byte(text)) == nil {
				t.Errorf("%s %q is read as %v", kind, text, u)
			}
		}
	}
}
