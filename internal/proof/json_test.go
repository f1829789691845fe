package proof_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"

	"aloi.dev/internal/proof"
)

func TestCanonicalize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\t{ \"b\" : [ 1.0 , 1e2,-0 ] , \"a\" : { } }\n":     `{"a":{},"b":[1,100,0]}`,
		`{"z":{"y":1,"x":2},"a":null}`:                       `{"a":null,"z":{"x":2,"y":1}}`,
		`"\u0041\u00e9\ud83d\ude00\/\u000a\u001f"`:           "\"Aé\U0001f600/\\n\\u001f\"",
		`{"\ud83d\ude00":1,"\ufb33":2,"\u20ac":3}`:           "{\"\u20ac\":3,\"\U0001f600\":1,\"\ufb33\":2}",
		`[123456789012345,1234567890123456789,0.1,1E-7,5e9]`: `[123456789012345,1234567890123456800,0.1,1e-7,5000000000]`,
		`{"a":1,"ab":2,"":3}`:                                `{"":3,"a":1,"ab":2}`,
	} {
		got, err := proof.Canonicalize([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s, %v\nwant %s", text, got, err, want)
		}
	}
}

func TestCanonicalize_Refuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		``: "cut", `{`: "cut", `[1,`: "cut", `"a`: "cut", `"\u00`: "cut", `"\`: "cut", `{"a"`: "cut", `{"a":`: "cut", `[1`: "cut",
		`{} {}`: "follows", `1 2`: "follows", `nul`: "unexpected", `[1,]`: "unexpected", `{"a":1,}`: "unexpected", `{a:1}`: "unexpected",
		`{"a":1,"a":2}`: "twice", `{"b":1,"a":1,"\u0062":2}`: "twice", `"\ud800"`: "surrogate", `"\ud800\u0041"`: "surrogate",
		`"\x"`: "escape", `"\u00zz"`: "hexadecimal", "\"\xff\"": "UTF-8", "\"\\n\xff\"": "UTF-8", "\"\n\"": "unexpected",
		`01`: "not a number", `1.`: "not a number", `-`: "not a number", `1e999`: "double", `+1`: "unexpected",
		strings.Repeat("[", 100): "deep", strings.Repeat(`{"a":`, 100): "deep",
	} {
		if got, err := proof.Canonicalize([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: got %s, %v, want an error that says %q", text, got, err, says)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type thing struct {
		A int    `json:"a"`
		B string `json:"b,omitempty"`
	}
	for text, ok := range map[string]bool{
		`{"a":1,"b":"x"}`: true, `{"a":1}`: true,
		`{"a":1,"b":""}`: false, // written back without b
		`{"b":"x"}`:      false, // written back with a
		`{"A":1}`:        false, // encoding/json takes it for a
		`{"a":1,"c":2}`:  false,
		`{"a": 1}`:       false,
		`{"a":1} `:       false,
		`{"a":1.0}`:      false,
	} {
		var v thing
		if err := proof.Decode([]byte(text), &v); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzCanonicalize holds the canonical form against another implementation of
// RFC 8785, and against itself.
func FuzzCanonicalize(f *testing.F) {
	for _, seed := range []string{`{"b":[1,2.5,-0,1e300],"a":"é\n"}`, `"\ud83d\ude00"`, `{"\ufb33":1,"\ud83d\ude00":2}`, `[[],{}]`, `1E-7`, ` null `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := proof.Canonicalize(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON, and became %q", text, got)
		}
		again, err := proof.Canonicalize(got)
		if err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q is not its own canonical form: %q, %v", got, again, err)
		}
		if other, err := jcs.Transform(text); err == nil && !bytes.Equal(other, got) {
			t.Fatalf("%q: got %q, another implementation %q", text, got, other)
		}
	})
}

func BenchmarkCanonicalize(b *testing.B) {
	var line strings.Builder
	fmt.Fprint(&line, `{"check":"s3/object/put-get","duration_ns":12345678,"exchanges":[`)
	for i := range 4 {
		if i > 0 {
			line.WriteByte(',')
		}
		fmt.Fprintf(&line, `{"duration_ns":%d,"method":"GET","status":200,"url":"https://127.0.0.1:1234/aloi-o4kfg7z4rk-1/object"}`, 123456+i)
	}
	fmt.Fprint(&line, `],"offer":"alize","started":"2026-11-25T01:26:41.911251778Z","state":"pass"}`)
	b.SetBytes(int64(line.Len()))
	for b.Loop() {
		if _, err := proof.Canonicalize([]byte(line.String())); err != nil {
			b.Fatal(err)
		}
	}
}
