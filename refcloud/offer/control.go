package offer

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"aloi.dev/refcloud/service"
)

// ControlSocket is the name of the Unix socket in the offer's folder through
// which a test switches faults and reads the inventory:
//
//	GET /state      {"faults":[...],"variations":[...]}
//	PUT /state      the same document; replaces both lists at once
//	GET /inventory  every name that exists in the offer, sorted
const ControlSocket = "control.sock"

type control struct {
	p   *process
	mu  sync.Mutex // guards set, and keeps two switches from interleaving
	set service.Set
}

func newControl(p *process) *control { return &control{p: p} }

func (c *control) replace(set service.Set) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = set.Clean()
	for _, kind := range c.p.kinds {
		c.p.services[kind.Name].Switch(c.set.Only(kind))
	}
}

func (c *control) current() service.Set {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set
}

func (c *control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, c.current())
	})
	mux.HandleFunc("PUT /state", c.putState)
	mux.HandleFunc("GET /inventory", c.inventory)
	return mux
}

func (c *control) putState(w http.ResponseWriter, r *http.Request) {
	var set service.Set
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(&set)
	if err == nil {
		err = c.p.kinds.Check(set)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	c.replace(set)
	answer(w, http.StatusOK, c.current())
}

func (c *control) inventory(w http.ResponseWriter, r *http.Request) {
	all := []string{}
	for _, s := range c.p.services {
		names, err := s.Inventory(r.Context())
		if err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	answer(w, http.StatusOK, all)
}

func refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, map[string]string{"error": err.Error()})
}

func answer(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(doc)
}
