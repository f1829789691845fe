package measure

import "time"

// Packed is a Histogram in its encoding: a hundred bytes or a few thousand instead of
// 157 kB, for what is kept in numbers. The zero value is an empty histogram.
type Packed struct{ text string }

// Pack returns the histogram in its encoding.
func (h *Histogram) Pack() Packed {
	if h.Count() == 0 {
		return Packed{}
	}
	text, err := h.MarshalText()
	if err != nil {
		return Packed{} // never: what was recorded has an encoding
	}
	return Packed{string(text)}
}

// Unpack returns a histogram of the caller's own.
func (p Packed) Unpack() *Histogram {
	h := new(Histogram)
	if p.text != "" {
		_ = h.UnmarshalText([]byte(p.text)) // it was one when it was packed, or read
	}
	return h
}

// Quantile is that of the histogram.
func (p Packed) Quantile(q Quantile) (d time.Duration, beyond bool) { return p.Unpack().Quantile(q) }

// MarshalText writes what Histogram.MarshalText writes.
func (p Packed) MarshalText() ([]byte, error) {
	if p.text == "" {
		return new(Histogram).MarshalText()
	}
	return []byte(p.text), nil
}

// UnmarshalText reads what MarshalText writes and nothing else.
func (p *Packed) UnmarshalText(text []byte) error {
	h := new(Histogram)
	if err := h.UnmarshalText(text); err != nil {
		return err
	}
	*p = h.Pack()
	return nil
}
