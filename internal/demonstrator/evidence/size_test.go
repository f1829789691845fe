package evidence

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/proof"
)

// TestSeal_Memory seals runs of 10,000 and of 100,000 results of the same 1,000
// checks: the memory must not follow.
func TestSeal_Memory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 70 MB")
	}
	small, large := peak(t, 10), peak(t, 100)
	t.Logf("peak of the heap: %d MiB for 10,000 results, %d MiB for 100,000", small>>20, large>>20)
	if large > small+16<<20 {
		t.Errorf("%d MiB for 100,000 results, %d MiB for 10,000", large>>20, small>>20)
	}
}

// peak seals a run of 1,000 checks on that many offers and returns the most that
// the heap grew by.
func peak(t *testing.T, offers int) uint64 {
	var more []catalogue.OfferID
	for i := 2; i < offers; i++ {
		more = append(more, catalogue.OfferID(fmt.Sprintf("offer-%d", i)))
	}
	dir := makeRun(t, 1000, true, more...)
	w := newWorld(t, 1, true)
	log, err := proof.OpenLog(w.log, w.key, w.ring)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.HeapAlloc
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				var s runtime.MemStats
				runtime.GC() // what is live, whatever the collector's delay on a busy machine
				runtime.ReadMemStats(&s)
				if s.HeapAlloc > before {
					most.Store(max(most.Load(), s.HeapAlloc-before))
				}
			}
		}
	}()
	err = Sealer{w.key, w.id, log}.Seal(io.Discard, os.DirFS(dir))
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	return most.Load()
}

// BenchmarkVerify verifies a bundle of 10,000 results.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b, 5000, true)
	b.SetBytes(int64(len(w.sealed)))
	for b.Loop() {
		if _, err := VerifyBundle(bytes.NewReader(w.sealed), int64(len(w.sealed)), Trust{Ring: w.ring}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSeal seals a run of 10,000 results.
func BenchmarkSeal(b *testing.B) {
	w := newWorld(b, 5000, true)
	for b.Loop() {
		w.seal(b, w.dir)
	}
}
