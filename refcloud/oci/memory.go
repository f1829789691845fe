package oci

import (
	"net/http"
	"sync"
)

// memory is what a fault remembers of the requests that it saw, by a name of its
// choice. Safe for concurrent use.
type memory[V any] struct {
	mu   sync.Mutex
	seen map[string]V
}

func (m *memory[V]) note(key string, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]V{}
	}
	m.seen[key] = v
}

func (m *memory[V]) get(key string) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.seen[key]
	return v, ok
}

// remembering makes the Front of a fault that remembers: its memory begins empty
// each time the fault is planted.
func remembering[V any](serve func(m *memory[V], w http.ResponseWriter, r *http.Request, next http.Handler)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		m := &memory[V]{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(m, w, r, next) })
	}
}

// place is a repository with the right to go there that a client showed.
type place struct {
	repository, right string
}

// at makes a request at that place.
func (p place) at(r *http.Request, method, path string) *http.Request {
	s := sub(r, method, "/v2/"+p.repository+"/"+path, nil)
	s.Header.Set("Authorization", p.right)
	return s
}
