package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"aloi.dev/internal/proof"
)

// mutations is how many changes TestMutations tries; ALOI_MUTATIONS says another
// number (make fuzz: 50,000).
func mutations(t *testing.T) int {
	if text := os.Getenv("ALOI_MUTATIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 5000
}

// TestMutations changes random bytes of a bundle, as many in each kind of content
// and in the archive's own structure; one change in two is packed again with the
// manifest made to agree, as whoever lacks the key could. None may be accepted.
func TestMutations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6, true)
	files := unpack(t, w.sealed)
	names := slices.Sorted(maps.Keys(files))
	kinds := len(names) + 1 // and the structure
	n := mutations(t)
	var mu sync.Mutex
	tried := map[string]int{}
	refusals := map[string]int{}
	var wg sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := worker; i < n; i += runtime.GOMAXPROCS(0) {
				rng := rand.New(rand.NewPCG(uint64(i), 7))
				kind, data := "structure", mutate(rng, w.sealed)
				if k := i % kinds; k < len(names) {
					kind = names[k]
					data = mutateFile(t, rng, w.sealed, files, kind, i%2 == 0)
				}
				_, err := w.verify(data)
				mu.Lock()
				tried[kind]++
				if err == nil {
					t.Errorf("change %d of %s was accepted", i, kind)
				} else {
					refusals[strings.SplitN(err.Error(), ":", 2)[0]]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	var lines []string
	for kind, count := range tried {
		lines = append(lines, fmt.Sprintf("%5d  %s", count, kind))
	}
	slices.Sort(lines)
	t.Logf("%d changes over %d kinds of content, all refused, with %d different sentences\n%s", n, len(tried), len(refusals), strings.Join(lines, "\n"))
}

// mutateFile changes one file where it stands in the bundle, or packs all again
// around it with a manifest that agrees.
func mutateFile(t *testing.T, rng *rand.Rand, sealed []byte, files map[string][]byte, name string, repack bool) []byte {
	changed := mutate(rng, files[name])
	if !repack {
		begin := bytes.Index(sealed, files[name])
		return slices.Concat(sealed[:begin], changed, sealed[begin+len(files[name]):])
	}
	again := maps.Clone(files)
	again[name] = changed
	if name != manifestFile && name != statementFile && name != logFile {
		var m Manifest
		if err := proof.Decode(files[manifestFile], &m); err != nil {
			t.Error(err)
			return nil
		}
		for i := range m.Files {
			if m.Files[i].Name == name {
				m.Files[i].Size, m.Files[i].Digest = int64(len(changed)), proof.Digest(changed)
			}
		}
		canonical, err := proof.Canonical(m)
		if err != nil {
			t.Error(err)
			return nil
		}
		again[manifestFile] = canonical
	}
	return pack(t, again)
}

// mutate flips, sets, inserts, deletes or swaps bytes at a random place.
func mutate(rng *rand.Rand, data []byte) []byte {
	for {
		changed := slices.Clone(data)
		at := rng.IntN(len(data))
		switch rng.IntN(5) {
		case 0:
			changed[at] ^= 1 << rng.IntN(8)
		case 1:
			changed[at] = byte(rng.IntN(256))
		case 2:
			changed = slices.Insert(changed, at, byte(rng.IntN(256)))
		case 3:
			changed = slices.Delete(changed, at, min(at+1+rng.IntN(16), len(changed)))
		case 4:
			other := rng.IntN(len(data))
			changed[at], changed[other] = changed[other], changed[at]
		}
		if !bytes.Equal(changed, data) {
			return changed
		}
	}
}

// FuzzVerify: whatever the bytes, verifying ends in a refusal, unless they are
// those that were sealed.
func FuzzVerify(f *testing.F) {
	w := newWorld(f, 3, true)
	f.Add(w.sealed)
	for _, data := range unpack(f, w.sealed) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := w.verify(data); err == nil && !bytes.Equal(data, w.sealed) {
			t.Error("accepted")
		}
	})
}
