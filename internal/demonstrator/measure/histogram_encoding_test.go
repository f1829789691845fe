package measure_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// encoded writes numbers as a histogram's bytes would be.
func encoded(numbers ...uint64) []byte {
	data := []byte("ALH\x01")
	for _, n := range numbers {
		data = binary.AppendUvarint(data, n)
	}
	return data
}

func TestHistogram_Encoding(t *testing.T) {
	t.Parallel()
	var h measure.Histogram
	for _, step := range []struct {
		record time.Duration
		n      int64
		want   []byte
	}{
		{0, 0, encoded(0, 0)},
		{time.Hour, 3, encoded(3, 0)},
		{us(5), 1, encoded(3, 1, 5, 1, 5, 5, 5)},
		{us(2049), 2, encoded(3, 2, 5, 1, 2043, 2, 5, 2049, 4103)},
		{us(2048), 1, encoded(3, 2, 5, 1, 2043, 3, 5, 2049, 6151)},
		{measure.Slowest, 1, encoded(3, 3, 5, 1, 2043, 3, 17528, 1, 5, 300e6, 300006151)},
	} {
		if err := h.RecordN(step.record, step.n); err != nil {
			t.Fatal(err)
		}
		data, err := h.MarshalBinary()
		if err != nil || !bytes.Equal(data, step.want) {
			t.Errorf("after %d of %v: %x (%v), want %x", step.n, step.record, data, err, step.want)
		}
		var back measure.Histogram
		back.Record(us(77)) // reading replaces
		if err := back.UnmarshalBinary(data); err != nil || back != h {
			t.Errorf("%x doesn't read back (%v)", data, err)
		}
		var inJSON struct{ H *measure.Histogram }
		text, err := json.Marshal(struct{ H *measure.Histogram }{&h})
		if err != nil || json.Unmarshal(text, &inJSON) != nil || *inJSON.H != h {
			t.Errorf("%s doesn't read back (%v)", text, err)
		}
	}
}

func TestHistogram_EncodingRefused(t *testing.T) {
	t.Parallel()
	for why, data := range map[string][]byte{
		"doesn't begin as one":                       []byte("ALH\x02\x00\x00"),
		"overflow: the number is cut short":          encoded(),
		"number of slots: the number is cut short":   encoded(0),
		"1 bytes too many":                           append(encoded(0, 0), 0),
		"overflow: 17179869185 is above":             encoded(measure.MaxCount+1, 0),
		"overflow: the number is written with more":  append([]byte("ALH\x01"), 0x80, 0x00, 0x00),
		"overflow: the number is cut short or too":   append([]byte("ALH\x01"), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
		"number of slots: 19577 is above 19576":      encoded(0, 19577),
		"number of slots: 18446744073709551615":      encoded(0, 1<<64-1),
		"slot 0: the index doesn't grow":             encoded(0, 1, 0, 1, 1, 1, 1),
		"slot 5: the index doesn't grow":             encoded(0, 2, 5, 1, 0, 1, 5, 5, 10),
		"slot 5: an empty one is written":            encoded(0, 1, 5, 0, 5, 5, 0),
		"index step: 19577 is above 19576":           encoded(0, 1, 19577, 1, 5, 5, 5),
		"index step: 19572 is above 19571":           encoded(0, 2, 5, 1, 19572, 1, 5, 300e6, 300e6+5),
		"index step: 18446744073709551615":           encoded(0, 2, 5, 1, 1<<64-1, 1, 4, 5, 9),
		"count: 17179869184 is above 17179869183":    encoded(0, 2, 5, 1, 1, measure.MaxCount, 5, 6, 11),
		"count: 17179869181 is above 17179869180":    encoded(4, 1, 5, measure.MaxCount-3, 5, 5, 5),
		"smallest value: the number is cut short":    encoded(0, 1, 5, 1),
		"largest value: 300000001 is above":          encoded(0, 1, 19576, 1, 300e6, 300e6+1, 300e6),
		"can't have that smallest value":             encoded(0, 1, 5, 1, 5, 5, 6),
		"can't have that smallest value, ":           encoded(0, 1, 5, 1, 4, 5, 5),
		"can't have that smallest value, l":          encoded(0, 1, 5, 1, 5, 6, 5),
		"can't have that smallest value, la":         encoded(0, 1, 5, 2, 5, 5, 9),
		"can't have that smallest value, lar":        encoded(0, 1, 5, 2, 5, 5, 0),
		"can't have that smallest value, larg":       encoded(0, 1, 2048, 2, 2049, 2048, 4097),
		"can't have that smallest value, large":      encoded(0, 1, 2048, 1, 2048, 2049, 2048),
		"sum: 18446744073709551615 is above":         encoded(0, 1, 5, 2, 5, 5, 1<<64-1),
		"2 bytes too many":                           append(encoded(0, 1, 5, 2, 5, 5, 10), 0, 0),
		"number of slots: the number is written wit": append(encoded(0), 0x81, 0x00),
	} {
		var h measure.Histogram
		h.Record(us(77))
		err := h.UnmarshalBinary(data)
		if err == nil || !strings.Contains(err.Error(), why) || h != (measure.Histogram{}) {
			t.Errorf("%x: %v, want %q and an empty histogram", data, err, why)
		}
	}
}

// For a few small counts, what is accepted is exactly what recording can produce.
func TestHistogram_EncodingReachable(t *testing.T) {
	t.Parallel()
	type content struct{ low, high, sum int64 }
	slots := [][]int64{{2046}, {2047}, {2048, 2049}, {2050, 2051}} // the values of four slots, 2046 to 2049
	for _, counts := range [][4]uint64{{0, 0, 1, 0}, {0, 0, 2, 0}, {0, 0, 3, 0}, {1, 0, 2, 0}, {0, 2, 1, 2}, {0, 0, 2, 2}, {1, 1, 1, 1}, {2, 0, 0, 0}, {0, 0, 1, 1}} {
		reached := map[content]bool{{low: 1 << 40}: true}
		numbers, last, used := []uint64{}, 0, uint64(0)
		for i, values := range slots {
			for range counts[i] {
				next := map[content]bool{}
				for c := range reached {
					for _, v := range values {
						next[content{min(c.low, v), max(c.high, v), c.sum + v}] = true
					}
				}
				reached = next
			}
			if counts[i] > 0 {
				numbers = append(numbers, uint64(2046+i-last), counts[i])
				last = 2046 + i
				used++
			}
		}
		var h measure.Histogram
		for _, low := range []int64{2045, 2046, 2047, 2048, 2049, 2050} {
			for _, high := range []int64{2046, 2047, 2048, 2049, 2050, 2051, 2052} {
				total := int64(counts[0] + counts[1] + counts[2] + counts[3])
				for sum := 2046*total - 1; sum <= 2051*total+1; sum++ {
					data := encoded(append(append([]uint64{0, used}, numbers...), uint64(low), uint64(high), uint64(sum))...)
					if err := h.UnmarshalBinary(data); (err == nil) != reached[content{low, high, sum}] {
						t.Fatalf("counts %v, %d to %d, sum %d: %v", counts, low, high, sum, err)
					}
				}
			}
		}
	}
}

// The size that the documentation gives.
func TestHistogram_EncodingSize(t *testing.T) {
	t.Parallel()
	h, _ := filled(t, "log-normal", 100000, 6)
	data, err := h.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 13000 || len(data) < 11000 {
		t.Errorf("%d bytes for 100,000 log-normal latencies", len(data))
	}
	wide, _ := filled(t, "log-uniform", 100000, 6)
	if data, err = wide.MarshalBinary(); err != nil || len(data) > 40000 {
		t.Errorf("%d bytes for 100,000 latencies over the whole range (%v)", len(data), err)
	}
}

func TestHistogram_TextRefused(t *testing.T) {
	t.Parallel()
	var h measure.Histogram
	h.Record(us(5))
	text, err := h.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	if err := h.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "=", good + "\n", good[:4] + "\r\n" + good[4:], strings.TrimRight(good, "="), good + "====", "!" + good[1:],
		strings.Repeat("A", 1<<20), base64.URLEncoding.EncodeToString([]byte("ALH\x01\xff\xff\xff\x0f\x00")),
		good[:len(good)-2] + "V=", // "U=" with a bit set after the last byte
	} {
		if err := h.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%.40q is read", bad)
		}
	}
}

// What is accepted is the one encoding of what it says.
func FuzzHistogram(f *testing.F) {
	for shape := range shapes {
		h, _ := filled(f, shape, 50, 7)
		data, err := h.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(encoded(3, 3, 5, 1, 2043, 3, 17528, 1, 5, 300e6, 300006151))
	f.Add(encoded(0, 1, 5, 2, 5, 5, 10))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := new(measure.Histogram)
		if err := h.UnmarshalBinary(data); err != nil {
			if *h != (measure.Histogram{}) {
				t.Fatal("refused, and something is left")
			}
			return
		}
		again, err := h.MarshalBinary()
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%x is written back as %x (%v)", data, again, err)
		}
		total := h.Overflow()
		for b := range h.Buckets() {
			total += b.Count
		}
		low, _ := h.Min()
		high, _ := h.Max()
		if total != h.Count() || low > high || h.CountAbove(0) != total {
			t.Fatalf("%x: %d counted, %d said; %v to %v", data, total, h.Count(), low, high)
		}
	})
}
