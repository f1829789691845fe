package s3

import (
	"sync/atomic"

	"github.com/versity/versitygw/backend"
)

// switchboard is the backend that the gateway sees: the files, behind the
// backend halves of the faults that are active at the moment of each call.
type switchboard struct {
	files   backend.Backend
	current atomic.Pointer[backend.Backend]
}

var _ backend.Backend = (*switchboard)(nil)

func newSwitchboard(files backend.Backend) *switchboard {
	s := &switchboard{files: files}
	s.plant(nil)
	return s
}

// plant replaces the active faults for the calls that come. The first of the
// list is the first to see a call.
func (s *switchboard) plant(active []Fault) {
	be := s.files
	for i := len(active) - 1; i >= 0; i-- {
		if active[i].Backend != nil {
			be = active[i].Backend(be)
		}
	}
	s.current.Store(&be)
}

func (s *switchboard) now() backend.Backend { return *s.current.Load() }

// String names the backend.
func (s *switchboard) String() string { return s.now().String() }

// Shutdown releases the files.
func (s *switchboard) Shutdown() { s.files.Shutdown() }

// NormalizeObjectKey is asked on every request for an object.
func (s *switchboard) NormalizeObjectKey(bucket, object string) string {
	return s.now().NormalizeObjectKey(bucket, object)
}
