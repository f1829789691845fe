package probe

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
)

// deleteLimit bounds the deletion of one resource with all that it holds.
const deleteLimit = 30 * time.Second

// tidy undoes what a check did: its cleanups, then its resources, last first.
// What fails stays in the ledger. So does what a check that was cut short may
// still be creating, since an offer may carry out a request after its client
// gave up: the end of the run sees to it, when such requests have settled.
func (s *Session) tidy(t *T, cut bool) {
	t.mu.Lock()
	cleanup, owned := t.cleanup, t.owned
	t.cleanup, t.owned = nil, nil
	t.mu.Unlock()
	ctx := context.WithoutCancel(t.ctx)
	for i := len(cleanup) - 1; i >= 0; i-- {
		_ = s.Outside(ctx, deleteLimit, func(ctx context.Context) error { cleanup[i](ctx); return nil })
	}
	for i := len(owned) - 1; i >= 0; i-- {
		switch {
		case !cut:
			_ = s.Discard(ctx, owned[i])
		case t.late(): // the run goes on: make room now, and look again at its end
			_ = s.remove(ctx, owned[i])
		}
	}
}

// Discard deletes a resource and notes it in the ledger.
func (s *Session) Discard(ctx context.Context, r Resource) error {
	err := s.remove(ctx, r)
	if err == nil {
		s.config.Ledger.Gone(r.Seq)
	}
	return err
}

// remove deletes a resource. It refuses what doesn't bear the run's prefix,
// whatever the ledger says.
func (s *Session) remove(ctx context.Context, r Resource) error {
	if !strings.HasPrefix(r.Name, s.config.Prefix+"-") {
		return fmt.Errorf("%s %s doesn't bear the run's prefix %s", r.Kind, r.Name, s.config.Prefix)
	}
	return s.Outside(ctx, deleteLimit, func(ctx context.Context) error { return s.Suite.Delete(ctx, s, r) })
}

// Sweep deletes the resources that belong to this session and returns those
// that it could not delete, with the error of each.
func (s *Session) Sweep(ctx context.Context, left []Resource) map[Resource]error {
	failed := map[Resource]error{}
	for _, r := range left {
		if r.Offer != string(s.Offer.ID) || r.Service != s.Suite.ID {
			continue
		}
		if err := s.Discard(ctx, r); err != nil {
			failed[r] = err
		}
	}
	return failed
}

// Inventory lists what the run's prefix names at the service, and counts the rest.
func (s *Session) Inventory(ctx context.Context) (ours []string, others int, err error) {
	var names []string
	err = s.Outside(ctx, deleteLimit, func(ctx context.Context) error {
		var err error
		names, err = s.Suite.Inventory(ctx, s)
		return err
	})
	ours = []string{}
	for _, name := range names {
		if strings.HasPrefix(name, s.config.Prefix+"-") {
			ours = append(ours, name)
		} else {
			others++
		}
	}
	sort.Strings(ours)
	return ours, others, err
}
