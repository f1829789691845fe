// Package cloud starts the offers, each in a process of its own, keeps their
// state folder and stops them.
package cloud

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"
)

// Options say what to start. The zero value starts every offer in a fresh
// temporary folder, with the demonstration's faults in the faulty ones.
type Options struct {
	State      string   // folder to make all state in; "" for a temporary one
	Offers     []string // ids; none means all
	Services   []string // of each offer, by name; none means all
	Faults     []string // planted in the faulty offers; nil means the demo list
	Variations []string // shown by the clean offers
}

// Cloud is a reference cloud that runs.
type Cloud struct {
	state    *state
	children []*child
	failed   chan error
	stop     sync.Once
}

// Start starts the offers and returns when all of them answer. After an error
// nothing runs and nothing is left on disk.
func Start(opts Options) (*Cloud, error) {
	if err := opts.Check(); err != nil {
		return nil, err
	}
	offers := opts.offers()
	st, err := openState(opts.State, offers)
	if err != nil {
		return nil, err
	}
	c := &Cloud{state: st, failed: make(chan error, len(offers))}
	if err := c.launch(offers, opts); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// Check returns an error if the options name something unknown.
func (o Options) Check() error {
	for _, id := range o.Offers {
		if _, err := offer.ByID(id); err != nil {
			return err
		}
	}
	kinds, err := offer.Kinds.Only(o.Services)
	if err != nil {
		return err
	}
	return kinds.Check(service.Set{Faults: o.Faults, Variations: o.Variations})
}

func (o Options) offers() []offer.Offer {
	var out []offer.Offer
	for _, one := range offer.All {
		if len(o.Offers) == 0 || slices.Contains(o.Offers, one.ID) {
			out = append(out, one)
		}
	}
	return out
}

// set is what an offer with these services starts with.
func (o Options) set(of offer.Offer, kinds offer.Services) service.Set {
	switch {
	case !of.Faulty:
		return service.Set{Variations: o.Variations}
	case o.Faults == nil:
		return service.Set{Faults: kinds.Demo()}
	default:
		return service.Set{Faults: o.Faults}
	}
}

func (c *Cloud) launch(offers []offer.Offer, opts Options) error {
	kinds, err := offer.Kinds.Only(opts.Services)
	if err != nil {
		return err
	}
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := c.state.write("ca.pem", ca.pem); err != nil {
		return err
	}
	for _, o := range offers {
		certPEM, keyPEM, err := ca.leaf(o.Name)
		if err != nil {
			return err
		}
		one, err := spawn(c.state.dir, o, offer.Order{
			Offer: o.ID, Services: opts.Services, Dir: c.state.path(o.ID),
			CertPEM: certPEM, KeyPEM: keyPEM, RootPEM: ca.pem,
			Set: opts.set(o, kinds),
		})
		if err != nil {
			return err
		}
		c.children = append(c.children, one)
	}
	for _, one := range c.children {
		report, err := one.ready()
		if err != nil {
			return err
		}
		if err := c.state.writeOffer(one.offer, kinds.Needs(), report.Services); err != nil {
			return err
		}
	}
	for _, one := range c.children {
		go func() {
			<-one.done
			c.failed <- fmt.Errorf("offer %s stopped by itself: %s", one.offer.ID, one.why())
		}()
	}
	return nil
}

// Dir is the state folder, absolute.
func (c *Cloud) Dir() string { return c.state.dir }

// Failed receives an error when an offer stops although nobody asked it to.
func (c *Cloud) Failed() <-chan error { return c.failed }

// Stop stops the offers and removes all state. A second call does nothing.
func (c *Cloud) Stop() error {
	var err error
	c.stop.Do(func() {
		var all sync.WaitGroup
		for _, one := range c.children {
			all.Go(one.stop)
		}
		all.Wait()
		err = c.state.remove()
	})
	return err
}
