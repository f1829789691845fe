package measure

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time written "20 ms", "1.5 s", "10 min", "90 d".
type Duration time.Duration

// Size is a number of bytes written "512 B", "64 KiB" or "200 MB".
type Size int64

// Rate is a number of events per second written "200/s", "30/min".
type Rate float64

// Share is a part of a whole in basis points (0 to 10,000), written "95 %".
type Share int

// Quantile is a quantile in basis points, written "p95" (9,500) or "p99.9" (9,990).
type Quantile int

// Whole is the share of 100 %.
const Whole Share = 10000

var durationUnits = map[string]time.Duration{
	"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
	"min": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

var sizeUnits = map[string]int64{
	"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// UnmarshalText reads a duration; zero and negative ones are refused.
func (d *Duration) UnmarshalText(text []byte) error {
	v, unit, err := amount(string(text), "20 ms")
	if err != nil {
		return err
	}
	scale, ok := durationUnits[unit]
	if !ok {
		return fmt.Errorf("%q is not a unit of time: write us, ms, s, min, h or d", unit)
	}
	n, err := scaled(v, int64(scale/time.Microsecond))
	if err == nil && n > math.MaxInt64/int64(time.Microsecond) {
		err = fmt.Errorf("%s %s is too long", v.RatString(), unit)
	}
	*d = Duration(n) * Duration(time.Microsecond)
	return err
}

// UnmarshalText reads a size; zero and negative ones are refused.
func (s *Size) UnmarshalText(text []byte) error {
	v, unit, err := amount(string(text), "200 MB")
	if err != nil {
		return err
	}
	scale, ok := sizeUnits[unit]
	if !ok {
		return fmt.Errorf("%q is not a unit of size: write B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", unit)
	}
	n, err := scaled(v, scale)
	*s = Size(n)
	return err
}

// UnmarshalText reads a rate; zero and negative ones are refused.
func (r *Rate) UnmarshalText(text []byte) error {
	v, unit, err := amount(string(text), "200/s")
	if err != nil {
		return err
	}
	f, _ := v.Float64()
	switch unit {
	case "/s":
		*r = Rate(f)
	case "/min":
		*r = Rate(f / 60)
	default:
		return fmt.Errorf("%q is not a unit of rate: write /s or /min", unit)
	}
	return nil
}

// UnmarshalText reads a share between 0 % and 100 %, at most two decimals.
func (s *Share) UnmarshalText(text []byte) error {
	raw := strings.TrimSpace(string(text))
	number, ok := strings.CutSuffix(raw, "%")
	if !ok {
		return fmt.Errorf("%q is not a share: write it with its unit, as in \"95 %%\"", raw)
	}
	bp, err := basisPoints(strings.TrimSpace(number))
	if err != nil || bp < 0 || bp > int64(Whole) {
		return fmt.Errorf("%q is not a share between 0 %% and 100 %% with at most two decimals", raw)
	}
	*s = Share(bp)
	return nil
}

// UnmarshalText reads a quantile strictly between p0 and p100, at most two decimals.
func (q *Quantile) UnmarshalText(text []byte) error {
	raw := strings.TrimSpace(string(text))
	number, ok := strings.CutPrefix(raw, "p")
	if !ok {
		return fmt.Errorf("%q is not a quantile: write p50, p95, p99 or p99.9", raw)
	}
	bp, err := basisPoints(number)
	if err != nil || bp <= 0 || bp >= int64(Whole) {
		return fmt.Errorf("%q is not a quantile between p0 and p100 with at most two decimals", raw)
	}
	*q = Quantile(bp)
	return nil
}

// MarshalText writes the duration in its largest whole unit.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalText writes the size in its largest whole unit.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the rate per second.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText writes the share in percent.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the quantile as pNN.
func (q Quantile) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// String writes the duration in its largest whole unit: "1500 ms", "2 min".
func (d Duration) String() string {
	for _, u := range []string{"d", "h", "min", "s", "ms"} {
		if scale := int64(durationUnits[u]); int64(d)%scale == 0 && d != 0 {
			return strconv.FormatInt(int64(d)/scale, 10) + " " + u
		}
	}
	return strconv.FormatInt(int64(d)/int64(time.Microsecond), 10) + " us"
}

// String writes the size in its largest whole unit.
func (s Size) String() string {
	for _, u := range []string{"TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB"} {
		if scale := sizeUnits[u]; int64(s)%scale == 0 && s != 0 {
			return strconv.FormatInt(int64(s)/scale, 10) + " " + u
		}
	}
	return strconv.FormatInt(int64(s), 10) + " B"
}

// String writes the rate per second.
func (r Rate) String() string { return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s" }

// String writes the share in percent: "95 %", "99.5 %".
func (s Share) String() string { return percent(int64(s)) + " %" }

// String writes the quantile: "p95", "p99.9".
func (q Quantile) String() string { return "p" + percent(int64(q)) }

func percent(bp int64) string {
	return strconv.FormatFloat(float64(bp)/100, 'f', -1, 64)
}

// amount splits "1.5 MB" into the number and the unit; example shows the form.
func amount(raw, example string) (*big.Rat, string, error) {
	raw = strings.TrimSpace(raw)
	i := strings.IndexFunc(raw, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i <= 0 {
		return nil, "", fmt.Errorf("%q needs a number and a unit, as in %q", raw, example)
	}
	v, ok := new(big.Rat).SetString(raw[:i])
	if !ok || v.Sign() <= 0 {
		return nil, "", fmt.Errorf("%q is not a number above zero, as in %q", raw[:i], example)
	}
	return v, strings.TrimSpace(raw[i:]), nil
}

// scaled multiplies and refuses what is not a whole number of the base unit.
func scaled(v *big.Rat, scale int64) (int64, error) {
	v = new(big.Rat).Mul(v, new(big.Rat).SetInt64(scale))
	if !v.IsInt() || !v.Num().IsInt64() {
		return 0, fmt.Errorf("%s is too fine or too large for its unit", v.RatString())
	}
	return v.Num().Int64(), nil
}

func basisPoints(number string) (int64, error) {
	if strings.Trim(number, "0123456789.") != "" {
		return 0, fmt.Errorf("%q is not a number", number)
	}
	v, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("%q is not a number", number)
	}
	return scaled(v, 100)
}
