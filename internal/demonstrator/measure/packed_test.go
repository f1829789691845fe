package measure_test

import (
	"encoding/json"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/measure"
)

// TestPacked: what is packed is had again, in JSON too, and an empty one needs no text.
func TestPacked(t *testing.T) {
	t.Parallel()
	h := new(measure.Histogram)
	if p := h.Pack(); p != (measure.Packed{}) || p.Unpack().Count() != 0 {
		t.Errorf("an empty one is %+v", p)
	}
	for i := range 1000 {
		h.Record(time.Duration(i*i) * time.Microsecond)
	}
	_ = h.RecordN(measure.Slowest+1, 3)
	for _, want := range []*measure.Histogram{h, new(measure.Histogram)} {
		text, err := json.Marshal(want.Pack())
		if err != nil {
			t.Fatal(err)
		}
		var p measure.Packed
		if err := json.Unmarshal(text, &p); err != nil || *p.Unpack() != *want || p != want.Pack() {
			t.Errorf("%s: %v", text, err)
		}
	}
	var p measure.Packed
	for _, text := range []string{`""`, `"AA"`, `"AAAA"`, `1`} {
		if err := json.Unmarshal([]byte(text), &p); err == nil {
			t.Errorf("%s is taken for a histogram", text)
		}
	}
}
