package measure

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// histogramMagic begins an encoded Histogram; its last byte is the version,
// which stands for the layout too: range, unit and digits.
const histogramMagic = "ALH\x01"

// maxEncoded is above the length of any encoding: an index step and a count for
// each slot, of at most 3 and 5 bytes, and the five other numbers.
const maxEncoded = len(histogramMagic) + slots*8 + 5*binary.MaxVarintLen64

// MarshalBinary writes the one encoding of what h holds: the four bytes "ALH"
// and 1, then unsigned varints (LEB128, shortest form): the overflow; the
// number of slots that aren't empty; for each, in order, its index less the
// previous one's (the first less 0) and its count; and if there are any, the
// smallest value, the largest and the sum, in microseconds. 100,000 latencies
// of a usual shape (log-normal, p99 at five times the median) make about 12 kB,
// and no content more than 100 kB.
//
// It fails when h holds more than MaxCount.
func (h *Histogram) MarshalBinary() ([]byte, error) {
	if h.Count() > MaxCount {
		return nil, errFull
	}
	used := uint64(0)
	for range h.Buckets() {
		used++
	}
	data := binary.AppendUvarint([]byte(histogramMagic), uint64(h.overflow))
	data = binary.AppendUvarint(data, used)
	if used == 0 {
		return data, nil
	}
	last := 0
	for i := slot(h.min); i <= slot(h.max); i++ {
		if h.counts[i] > 0 {
			data = binary.AppendUvarint(data, uint64(i-last))
			data = binary.AppendUvarint(data, uint64(h.counts[i]))
			last = i
		}
	}
	for _, v := range []int64{h.min, h.max, h.sum} {
		data = binary.AppendUvarint(data, uint64(v))
	}
	return data, nil
}

// UnmarshalBinary reads what MarshalBinary writes and nothing else: what it
// accepts is a content that recording can produce, in its one encoding. It
// refuses another version, a varint longer than it need be, slots that are
// empty, out of order or out of range, more than MaxCount values, a smallest,
// largest or sum that these counts can't have, and bytes that are missing or
// too many. It allocates nothing but an error. On an error h is empty.
func (h *Histogram) UnmarshalBinary(data []byte) error {
	*h = Histogram{}
	err := h.decode(data)
	if err != nil {
		*h = Histogram{}
		return fmt.Errorf("histogram: %w", err)
	}
	return nil
}

func (h *Histogram) decode(data []byte) error {
	if len(data) < len(histogramMagic) || string(data[:len(histogramMagic)]) != histogramMagic {
		return errors.New("it doesn't begin as one, or is of a later version")
	}
	r := reader{data: data[len(histogramMagic):]}
	h.overflow = r.number(MaxCount, "overflow")
	used := r.number(int64(slots-1), "number of slots")
	last := 0
	for range used {
		last += int(r.number(int64(slots-1-last), "index step"))
		n := r.number(MaxCount-h.Count(), "count")
		switch {
		case r.err != nil:
			return r.err
		case h.counts[last] > 0 || last == 0:
			return fmt.Errorf("slot %d: the index doesn't grow", last)
		case n == 0:
			return fmt.Errorf("slot %d: an empty one is written", last)
		}
		h.counts[last] = n
		h.within += n
		if h.min == 0 {
			h.min, _ = ends(last)
		}
		h.max, _ = ends(last)
	}
	if used > 0 {
		first := slot(h.min)
		h.min = r.number(slowest, "smallest value")
		h.max = r.number(slowest, "largest value")
		h.sum = r.number(MaxCount*slowest, "sum")
		if r.err == nil && !h.consistent(first, last) {
			return errors.New("these counts can't have that smallest value, largest value or sum")
		}
	}
	if r.err == nil && len(r.data) > 0 {
		return fmt.Errorf("%d bytes too many", len(r.data))
	}
	return r.err
}

// consistent reports whether latencies exist with these counts, of which the
// first and the last slot are given, and with that smallest, largest and sum.
// The sum is least when one value is the largest and every other as low as its
// slot and the smallest allow; and likewise for the most. All sums between
// exist.
func (h *Histogram) consistent(first, last int) bool {
	if h.min < 1 || h.min > h.max || slot(h.min) != first || slot(h.max) != last || h.within == 1 && h.min != h.max {
		return false
	}
	if h.within == 1 {
		return h.sum == h.min
	}
	var least, most int64
	for i := first; i <= last; i++ {
		low, high := ends(i)
		least += h.counts[i] * max(low, h.min)
		most += h.counts[i] * min(high, h.max)
	}
	lowOfMax, _ := ends(last)
	_, highOfMin := ends(first)
	least += h.max - max(lowOfMax, h.min)
	most -= min(highOfMin, h.max) - h.min
	return least <= h.sum && h.sum <= most
}

// MarshalText writes MarshalBinary's bytes in padded base64 (RFC 4648, section
// 4): the form inside JSON.
func (h *Histogram) MarshalText() ([]byte, error) {
	data, err := h.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.AppendEncode(nil, data), nil
}

// UnmarshalText reads what MarshalText writes and nothing else. On an error h
// is empty.
func (h *Histogram) UnmarshalText(text []byte) error {
	*h = Histogram{}
	if len(text) > base64.StdEncoding.EncodedLen(maxEncoded) {
		return fmt.Errorf("histogram: %d bytes of text; none has so many", len(text))
	}
	data, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil || base64.StdEncoding.EncodedLen(len(data)) != len(text) { // the decoder skips ends of lines
		return errors.New("histogram: the text isn't padded base64 in one line")
	}
	return h.UnmarshalBinary(data)
}

// reader takes numbers off the front and keeps the first error.
type reader struct {
	data []byte
	err  error
}

// number reads an unsigned varint in its shortest form, at most limit.
func (r *reader) number(limit int64, what string) int64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.data)
	switch {
	case n <= 0:
		r.err = fmt.Errorf("%s: the number is cut short or too long", what)
	case n > 1 && r.data[n-1] == 0:
		r.err = fmt.Errorf("%s: the number is written with more bytes than it needs", what)
	case v > uint64(limit):
		r.err = fmt.Errorf("%s: %d is above %d", what, v, limit)
	}
	if r.err != nil {
		return 0
	}
	r.data = r.data[n:]
	return int64(v)
}
