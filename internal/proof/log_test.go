package proof_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"aloi.dev/internal/proof"
)

// memory is a folder of files in memory; it fails after so many writes.
type memory struct {
	files map[string][]byte
	fail  int // the write that fails; none when 0
	count int
}

var errDisk = errors.New("no room")

func (m *memory) ReadFile(name string) ([]byte, error) {
	data, ok := m.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

func (m *memory) Open(string) (fs.File, error) { return nil, fs.ErrInvalid }

func (m *memory) Write(name string, data []byte) error {
	if m.count++; m.count == m.fail {
		return errDisk
	}
	m.files[name] = data
	return nil
}

func newMemory() *memory { return &memory{files: map[string][]byte{}} }

func open(t testing.TB, m *memory, k *proof.Key) *proof.Log {
	t.Helper()
	l, err := proof.OpenLog(m, k, ringOf(t, identify(t, k, nil, noon)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLog(t *testing.T) {
	t.Parallel()
	k := newKey(t, "aloi.example/log")
	ring := ringOf(t, identify(t, k, nil, noon))
	m := newMemory()
	var proofs []proof.LogProof
	entry := func(i int) []byte { return fmt.Appendf(nil, "entry %d", i) }
	const n = 600 // more than two tiles
	l := open(t, m, k)
	for i := range n {
		if i%97 == 0 {
			l = open(t, m, k)
		}
		p, err := l.Add(entry(i))
		if err != nil {
			t.Fatal(err)
		}
		proofs = append(proofs, p)
	}
	for i, p := range proofs {
		read, err := proof.ParseLogProof([]byte(p.Text()))
		if err != nil || read.Text() != p.Text() {
			t.Fatalf("proof %d: %v", i, err)
		}
		if err := read.Includes(entry(i)); err != nil {
			t.Fatalf("proof %d: %v", i, err)
		}
		if read.Includes(entry(i+1)) == nil {
			t.Fatalf("proof %d proves another entry", i)
		}
		if _, err := read.Checkpoint.Verify(ring); err != nil {
			t.Fatalf("proof %d: %v", i, err)
		}
	}
	again, err := l.Add(entry(300))
	if err != nil || again.Text() != proofs[300].Text() || l.Size() != n {
		t.Errorf("an entry added twice: %v, %d entries", err, l.Size())
	}
	head := proofs[n-1].Checkpoint
	for _, size := range []int{1, 255, 256, 257, 512, n} {
		path, err := proof.ProveConsistency(m, head, int64(size))
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.Consistent(proofs[size-1].Checkpoint, head, path); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	for _, path := range []string{"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/88"} {
		if m.files[path] == nil {
			t.Errorf("no file %s among %v", path, slices.Sorted(maps.Keys(m.files)))
		}
	}
}

// TestLog_RFC6962 has the leaves and the roots of the reference implementation
// of Certificate Transparency.
func TestLog_RFC6962(t *testing.T) {
	t.Parallel()
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := map[int]string{
		1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	l := open(t, newMemory(), newKey(t, "ct"))
	for i, leaf := range leaves {
		data, err := hex.DecodeString(leaf)
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Add(data)
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := roots[i+1]; ok && hex.EncodeToString(p.Checkpoint.Root[:]) != want {
			t.Errorf("root of %d: %x, want %s", i+1, p.Checkpoint.Root, want)
		}
	}
}

// TestLog_Crash lets each write fail in turn: the log opens again, without the
// entry, and takes it.
func TestLog_Crash(t *testing.T) {
	t.Parallel()
	k := newKey(t, "log")
	for before := range []int{0, 1, 2, 3} {
		for fail := 1; fail <= 4; fail++ {
			m := newMemory()
			l := open(t, m, k)
			for i := range before {
				if _, err := l.Add(fmt.Appendf(nil, "%d", i)); err != nil {
					t.Fatal(err)
				}
			}
			m.fail = m.count + fail
			_, err := l.Add([]byte("new"))
			if failed := m.count >= m.fail; failed != errors.Is(err, errDisk) {
				t.Fatalf("write %d: %v", fail, err)
			}
			if l = open(t, m, k); err != nil && l.Size() != int64(before) {
				t.Errorf("%d entries after a failed write, want %d", l.Size(), before)
			}
			if p, err := l.Add([]byte("new")); err != nil || p.Index != int64(before) {
				t.Errorf("after a crash: %v, %d", err, p.Index)
			}
		}
	}
}

func TestLog_Forked(t *testing.T) {
	t.Parallel()
	k := newKey(t, "log")
	var heads [2]proof.Checkpoint
	var files [2]*memory
	for fork := range 2 {
		files[fork] = newMemory()
		l := open(t, files[fork], k)
		for i := range 5 + 2*fork {
			p, err := l.Add(fmt.Appendf(nil, "%d %d", i, fork*(i/3)))
			if err != nil {
				t.Fatal(err)
			}
			heads[fork] = p.Checkpoint
		}
	}
	path, err := proof.ProveConsistency(files[1], heads[1], heads[0].Size)
	if err != nil {
		t.Fatal(err)
	}
	var forked *proof.Forked
	for _, pair := range [][2]proof.Checkpoint{{heads[0], heads[1]}, {heads[1], heads[0]}} {
		if err := proof.Consistent(pair[0], pair[1], path); !errors.As(err, &forked) {
			t.Errorf("%v", err)
		}
	}
	if _, err := proof.ProveConsistency(files[0], heads[1], 2); err == nil {
		t.Error("tiles of another log are taken")
	}
	same := heads[0]
	same.Root = tlog.RecordHash(nil)
	if err := proof.Consistent(heads[0], same, nil); !errors.As(err, &forked) {
		t.Errorf("same size: %v", err)
	}
}

func TestOpenLog_Refuses(t *testing.T) {
	t.Parallel()
	k := newKey(t, "log")
	good := newMemory()
	if _, err := open(t, good, k).Add([]byte("x")); err != nil {
		t.Fatal(err)
	}
	ring := ringOf(t, identify(t, k, nil, noon))
	for name, change := range map[string]func(*memory) (*proof.Key, *proof.Ring){
		"another origin": func(*memory) (*proof.Key, *proof.Ring) { return newKey(t, "other"), ring },
		"untrusted":      func(*memory) (*proof.Key, *proof.Ring) { return k, &proof.Ring{} },
		"changed tile": func(m *memory) (*proof.Key, *proof.Ring) {
			m.files["tile/0/000.p/1"] = make([]byte, 32)
			return k, ring
		},
		"missing tile": func(m *memory) (*proof.Key, *proof.Ring) { delete(m.files, "tile/0/000.p/1"); return k, ring },
		"cut tile": func(m *memory) (*proof.Key, *proof.Ring) {
			m.files["tile/0/000.p/1"] = m.files["tile/0/000.p/1"][:31]
			return k, ring
		},
		"checkpoint": func(m *memory) (*proof.Key, *proof.Ring) {
			m.files["checkpoint"] = []byte(strings.Replace(string(m.files["checkpoint"]), "\n1\n", "\n2\n", 1))
			return k, ring
		},
	} {
		m := newMemory()
		maps.Copy(m.files, good.files)
		key, trusted := change(m)
		if _, err := proof.OpenLog(m, key, trusted); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := open(t, newMemory(), k).Add(make([]byte, 1<<16)); err == nil {
		t.Error("an entry of 64 KiB is taken")
	}
}

func FuzzParseLogProof(f *testing.F) {
	l := open(f, newMemory(), newKey(f, "log"))
	for i := range 5 {
		p, err := l.Add([]byte{byte(i)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(p.Text()))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := proof.ParseLogProof(text); err == nil && p.Text() != string(text) {
			t.Errorf("%q reads as %q", text, p.Text())
		}
	})
}
