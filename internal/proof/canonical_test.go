package proof_test

import (
	"encoding/json"
	"math"
	"testing"

	"aloi.dev/internal/proof"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"keys in order":       {map[string]any{"b": 1, "a": map[string]any{"z": nil, "y": true}}, `{"a":{"y":true,"z":null},"b":1}`},
		"keys by UTF-16 unit": {map[string]int{"\u20ac": 1, "\U0001f600": 2, "\ufb33": 3, "1": 4, "\r": 5, "\u0080": 6, "\u00f6": 7}, "{\"\\r\":5,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001f600\":2,\"\ufb33\":3}"},
		"no HTML escapes":     {"<a&b>\u2028", "\"<a&b>\u2028\""},
		"short escapes":       {"\u20ac$\u000f\nA'\x42\"\\\b/", "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\b/\""},
		"order of lists kept": {[]int{3, 1, 2}, `[3,1,2]`},
		"struct fields":       {struct{ B, A string }{"x", "y"}, `{"A":"y","B":"x"}`},
		"raw JSON with space": {json.RawMessage(" { \"b\" : 1.0 , \"a\" : [ ] } "), `{"a":[],"b":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := proof.Canonical(c.v)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

// Numbers of the table of RFC 8785, appendix B, by their bits.
func TestCanonical_Numbers(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x41b3de4355555555: "333333333.3333333",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		got, err := proof.Canonical(math.Float64frombits(bits))
		if err != nil || string(got) != want {
			t.Errorf("%016x: got %s, %v, want %s", bits, got, err, want)
		}
	}
}

func TestCanonical_Refuses(t *testing.T) {
	t.Parallel()
	for _, v := range []any{math.NaN(), math.Inf(1), make(chan int), json.RawMessage(`{"a":1,"a":2}`), json.RawMessage(`{`)} {
		if got, err := proof.Canonical(v); err == nil {
			t.Errorf("%v gave %s", v, got)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	const want = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" // of {}
	if got := proof.Digest([]byte("{}")); got != want {
		t.Error(got)
	}
}
