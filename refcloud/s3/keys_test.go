package s3

import (
	"cmp"
	"path/filepath"
	"strings"
	"testing"
)

// Names keep the order and the prefixes of keys, and no name is too long for a
// file.
func FuzzEncodeName(f *testing.F) {
	long := strings.Repeat("x", chunk)
	for _, pair := range [][2]string{
		{"a", "a/b"}, {"a-b", "a/b"}, {"", "a"}, {"dir/", "dir"}, {"é", "e"}, {"\x00", "\xff"}, {"a//b", "a/b"},
		{long, long + "y"}, {long + "y", long + "/"}, {long + long, long + long + "z"}, {long[1:], long},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := encodeName(a), encodeName(b)
		if back, ok := decodeName(x); !ok || back != a {
			t.Fatalf("%q comes back as %q", a, back)
		}
		if cmp.Compare(a, b) != cmp.Compare(x, y) {
			t.Errorf("order of %q and %q is not that of %s and %s", a, b, x, y)
		}
		if strings.HasPrefix(b, a) != strings.HasPrefix(y, x) {
			t.Errorf("prefix %q of %q is not that of %s and %s", a, b, x, y)
		}
		for element := range strings.SplitSeq(x, "/") {
			if len(element) > 255 {
				t.Errorf("%q makes an element of %d bytes", a, len(element))
			}
		}
		if a != "" && filepath.Clean(x) != x {
			t.Errorf("%q makes the path %s, which isn't clean", a, x)
		}
		if a != b && strings.HasPrefix(y, x+"/") {
			t.Errorf("the file of %q would be a folder of %q", a, b)
		}
	})
}

func TestDecodeName_Refuses(t *testing.T) {
	for _, name := range []string{"a", "aa", "A0", "0a", "a0b", ".sgwtmp", "a0/b0"} {
		if key, ok := decodeName(name); ok {
			t.Errorf("%q decodes to %q", name, key)
		}
	}
}
