package proof_test

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"aloi.dev/internal/proof"
)

func archived(name, content string) proof.Archived {
	return proof.Archived{
		Name: name, Size: int64(len(content)), CRC: crc32.ChecksumIEEE([]byte(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(content))), nil },
	}
}

func packed(t testing.TB, files ...proof.Archived) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := proof.WriteArchive(&b, files); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	t.Parallel()
	data := packed(t, archived("b/two", "2"), archived("a", ""), archived("b/one", "eins"))
	if !bytes.Equal(data, packed(t, archived("a", ""), archived("b/one", "eins"), archived("b/two", "2"))) {
		t.Error("another order, other bytes")
	}
	a, err := proof.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Names(), []string{"a", "b/one", "b/two"}) {
		t.Errorf("names %v", a.Names())
	}
	theirs, err := zip.NewReader(bytes.NewReader(data), int64(len(data))) // another implementation
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(theirs, a.Names()...); err != nil {
		t.Error(err)
	}
	for _, name := range a.Names() {
		ours, err := fs.ReadFile(a, name)
		if err != nil {
			t.Fatal(err)
		}
		if other, err := fs.ReadFile(theirs, name); err != nil || !bytes.Equal(ours, other) {
			t.Errorf("%s: %q and %q, %v", name, ours, other, err)
		}
	}
	if _, err := a.Open("c"); err == nil {
		t.Error("a file that isn't there opens")
	}
}

// TestArchive_EveryByte: no byte can change without being noticed once every
// file has been read.
func TestArchive_EveryByte(t *testing.T) {
	t.Parallel()
	data := packed(t, archived("a", "hello"), archived("b", "world"))
	for i := range data {
		for bit := range 8 {
			changed := bytes.Clone(data)
			changed[i] ^= 1 << bit
			if readsWhole(changed) {
				t.Errorf("byte %d, bit %d: not noticed", i, bit)
			}
		}
	}
	for name, changed := range map[string][]byte{
		"trailing": append(bytes.Clone(data), 0), "leading": append([]byte{0}, data...), "cut": data[:len(data)-1], "empty": {}, "half": data[:len(data)/2],
		"hidden": bytes.Replace(data, []byte("PK\x01\x02"), []byte("junkPK\x01\x02"), 1),
	} {
		if readsWhole(changed) {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func readsWhole(data []byte) bool {
	a, err := proof.OpenArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, name := range a.Names() {
		if _, err := fs.ReadFile(a, name); err != nil {
			return false
		}
	}
	return true
}

// TestArchive_Climbing: a name that leaves the archive is refused, though all
// else is in its one encoding.
func TestArchive_Climbing(t *testing.T) {
	t.Parallel()
	data := packed(t, archived("aaaa", "hello"), archived("b", "world"))
	for _, name := range []string{"../a", "/aaa", "a\\aa", "a/..", "c:aa", "a//a", "b   "} {
		if readsWhole(bytes.ReplaceAll(data, []byte("aaaa"), []byte(name))) {
			t.Errorf("%q is taken", name)
		}
	}
	if !readsWhole(bytes.ReplaceAll(data, []byte("aaaa"), []byte("a/aa"))) {
		t.Error("an ordinary name is refused: the test proves nothing")
	}
}

// TestArchive_OtherTools: what another tool packed, a bomb among them, is not in
// our encoding.
func TestArchive_OtherTools(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]uint16{"stored": zip.Store, "bomb": zip.Deflate} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		f, err := w.CreateHeader(&zip.FileHeader{Name: "a", Method: method})
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if _, err := f.Write(make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if readsWhole(b.Bytes()) {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestWriteArchive_Refuses(t *testing.T) {
	t.Parallel()
	lying := archived("a", "hello")
	lying.CRC++
	short := archived("a", "hello")
	short.Size++
	for name, files := range map[string][]proof.Archived{
		"climbing": {archived("../a", "")}, "absolute": {archived("/a", "")}, "backslash": {archived(`a\b`, "")}, "drive": {archived("c:a", "")},
		"twice": {archived("a", ""), archived("a", "")}, "changed": {lying}, "short": {short}, "empty": {archived("", "")}, "space": {archived("a b", "")},
		"huge": {{Name: "a", Size: 1 << 32}},
	} {
		if err := proof.WriteArchive(io.Discard, files); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func FuzzOpenArchive(f *testing.F) {
	f.Add(packed(f, archived("a", "hello"), archived("b/c", "")))
	f.Add(packed(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := proof.OpenArchive(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var files []proof.Archived
		for _, name := range a.Names() {
			content, err := fs.ReadFile(a, name)
			if err != nil {
				return
			}
			files = append(files, archived(name, string(content)))
		}
		if again := packed(t, files...); !bytes.Equal(again, data) {
			t.Errorf("%x is another encoding of %x", data, again)
		}
	})
}
