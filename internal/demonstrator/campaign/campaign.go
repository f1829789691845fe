// Package campaign plans and makes runs: offers by checks, in seeded random
// turns, every result written to the run folder as it comes. Its only state is
// that folder.
package campaign

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// lifetime is how long what a run creates is meant to live at most.
const lifetime = 24 * time.Hour

// settle is how long requests that were cut short have to take effect at an offer
// before what they may have created is deleted.
const settle = time.Second

// Campaign is what a run needs. The zero value of Only and Class selects every
// check.
type Campaign struct {
	Catalogue   *catalogue.Catalogue
	Offers      []Candidate
	Suites      []probe.Suite
	Vet         bool // examine the offers' descriptions instead of measuring them
	Only        []string
	Class       probe.Class
	NoLoad      bool // put no offer under load
	Parallel    int
	Seed        uint64
	Environment evidence.Environment
	Now         func() time.Time
	Disk        evidence.Disk
	Watch       Watcher
	Foreign     []Foreign              // suites that aren't ours
	Getenv      func(string) string    // for their commands
	Findings    []evidence.FindingFile // what people found about the offers
	Rerun       *evidence.Rerun        // set: some checks of another run again
}

// Candidate is an offer and the way to its secrets.
type Candidate struct {
	Offer   catalogue.Offer
	Secrets probe.Secrets
}

// Watcher hears how a run goes. Its methods are called from several goroutines.
type Watcher interface {
	Started(offer, check string)
	Done(measure.Result)
	// Loaded hears of each block of a load; the null server's name is load.NullName.
	Loaded(plan measure.LoadPlan, offer string, block measure.LoadBlock)
}

// RunID returns the id of a run: the prefix of the name of all that it creates.
func RunID(seed uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	return "aloi-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))[:10]
}

// ID returns the id of the run. A re-run has the seed of another run, and creates
// nothing under its name.
func (c *Campaign) ID() string {
	if c.Rerun != nil {
		return RunID(c.Seed) + "r"
	}
	return RunID(c.Seed)
}

// Run measures the offers and leaves the run folder dir. A cancelled context is
// no error: the folder says that the run is incomplete. An error means that the
// folder couldn't be written, or that an offer can't be measured as described.
func (c *Campaign) Run(ctx context.Context, dir string) error {
	plan, err := c.plan()
	if err != nil {
		return err
	}
	if err := c.checkSelection(); err != nil {
		return err
	}
	sessions, err := c.open(plan.Run, nil) // a wrong reference must show before anything is written
	if err != nil {
		return err
	}
	closeAll(sessions)
	jobs, err := c.foreignJobs(plan.Run)
	if err != nil {
		return err
	}
	loads := c.loadJobs(catalogue.DateOf(plan.Started))
	for _, j := range loads {
		plan.Loads = append(plan.Loads, j.plan)
	}
	folder, err := evidence.Create(c.Disk, dir, plan, c.Environment, c.Catalogue, c.offers(), c.Findings...)
	if err != nil {
		return err
	}
	ledger := probe.NewLedger(folder.Ledger())
	if sessions, err = c.open(plan.Run, ledger); err != nil {
		return err
	}
	defer closeAll(sessions)
	return c.measure(ctx, folder, ledger, sessions, jobs, loads)
}

func (c *Campaign) measure(ctx context.Context, folder *evidence.Folder, ledger *probe.Ledger, sessions []*probe.Session, jobs []foreignJob, loads []loadJob) error {
	err := c.takeInventories(ctx, folder, sessions, "before")
	if err == nil {
		err = c.absent(folder)
	}
	if err == nil {
		run := &probe.Run{
			Sessions: sessions, Vet: c.Vet, Parallel: c.Parallel, Seed: c.Seed,
			Selected: func(check probe.Check) bool { return check.Selected(c.Only, c.Class) },
			Sink:     func(r measure.Result) error { return c.record(folder, r) },
			Started:  c.Watch.Started,
		}
		err = run.Execute(ctx)
	}
	if err == nil {
		err = c.runForeign(ctx, folder, jobs)
	}
	if err == nil {
		err = c.runLoads(ctx, folder, sessions, loads)
	}
	calm := context.WithoutCancel(ctx) // cleaning up goes on after Ctrl-C
	if len(ledger.Alive()) > 0 {
		time.Sleep(settle)
		for _, s := range sessions {
			s.Sweep(calm, ledger.Alive())
		}
	}
	if err == nil {
		err = c.takeInventories(calm, folder, sessions, "after")
	}
	end := evidence.End{At: c.Now().UTC(), Complete: err == nil && ctx.Err() == nil, Left: len(ledger.Alive())}
	switch {
	case err != nil:
		end.Reason = lang.Same(err.Error())
	case ctx.Err() != nil:
		end.Reason = lang.T("interrompue par la personne qui l'a lancée", "stopped by the person who started it")
	}
	return errors.Join(err, folder.Finish(end))
}

func (c *Campaign) record(folder *evidence.Folder, r measure.Result) error {
	if err := folder.Append(r); err != nil {
		return err
	}
	c.Watch.Done(r)
	return nil
}

// checks returns what is to be run of a suite.
func (c *Campaign) checks(s probe.Suite) []probe.Check {
	if c.Vet {
		return s.Vet
	}
	return s.Checks
}

// absent records that an offer which declares no such service doesn't support
// what its checks look for.
func (c *Campaign) absent(folder *evidence.Folder) error {
	for _, candidate := range c.Offers {
		for _, s := range c.Suites {
			if _, ok := candidate.Offer.Services[s.ID]; ok || c.Vet {
				continue
			}
			for _, check := range c.checks(s) {
				if !check.Selected(c.Only, c.Class) {
					continue
				}
				err := c.record(folder, measure.Result{
					Offer: string(candidate.Offer.ID), Check: check.ID, State: measure.Unsupported, Started: c.Now().UTC(),
					Reason: &measure.Reason{Cause: measure.Service, Want: s.ID},
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *Campaign) takeInventories(ctx context.Context, folder *evidence.Folder, sessions []*probe.Session, when string) error {
	for _, s := range sessions {
		ours, others, err := s.Inventory(ctx)
		inventory := evidence.Inventory{Offer: s.Offer.ID, Service: s.Suite.ID, When: when, At: c.Now().UTC(), Ours: ours, Others: others, TLSKeys: s.TLSKeys()}
		if err != nil {
			inventory.Error = err.Error()
		}
		if err := folder.AddInventory(inventory); err != nil {
			return err
		}
	}
	return nil
}

// plan writes down what the run sets out to do.
func (c *Campaign) plan() (evidence.Plan, error) {
	digest, err := c.Catalogue.Digest()
	if err != nil {
		return evidence.Plan{}, err
	}
	plan := evidence.Plan{
		Run: c.ID(), Rerun: c.Rerun, Format: evidence.Format(), Seed: c.Seed, Started: c.Now().UTC(), Catalogue: digest, Parallel: c.Parallel,
		Selection: evidence.Selection{Only: c.Only, Class: string(c.Class), NoLoad: c.NoLoad},
	}
	for _, candidate := range c.Offers {
		canonical, err := candidate.Offer.Canonical()
		if err != nil {
			return plan, err
		}
		plan.Offers = append(plan.Offers, evidence.OfferPlan{ID: candidate.Offer.ID, Digest: proof.Digest(canonical)})
	}
	for _, f := range c.Findings {
		finding, err := f.Plan()
		if err != nil {
			return plan, err
		}
		plan.Findings = append(plan.Findings, finding)
	}
	for _, s := range c.Suites {
		for _, check := range c.checks(s) {
			plan.Checks = append(plan.Checks, evidence.CheckPlan{ID: check.ID, Title: check.Title, Rule: check.Rule, Class: check.ClassName()})
		}
	}
	return plan, c.planForeign(&plan)
}

// checkSelection refuses a pattern that selects nothing: a typing error would
// otherwise look like a run.
func (c *Campaign) checkSelection() error {
	for _, pattern := range c.Only {
		selects := false
		for _, s := range c.Suites {
			for _, check := range c.checks(s) {
				selects = selects || check.Selected([]string{pattern}, "")
			}
		}
		for _, f := range c.Foreign {
			selects = selects || f.selected([]string{pattern}, "")
		}
		for i := range c.Catalogue.Targets {
			q := c.Catalogue.Targets[i].Quantitative
			selects = selects || q != nil && c.loadSelected(q.LoadPlan(), []string{pattern})
		}
		if !selects {
			return fault.New(fault.Invalid, lang.T("--only %s ne désigne aucune vérification : voir « aloi catalogue explain »",
				"--only %s selects no check: see `aloi catalogue explain`", pattern))
		}
	}
	return nil
}

// open makes a session for each service that a suite knows.
func (c *Campaign) open(run string, ledger *probe.Ledger) ([]*probe.Session, error) {
	var sessions []*probe.Session
	for _, candidate := range c.Offers {
		budget := probe.NewBudget(candidate.Offer.Caps, c.Now)
		for _, s := range c.Suites {
			if _, ok := candidate.Offer.Services[s.ID]; !ok {
				continue
			}
			session, err := probe.Open(s, probe.Config{
				Offer: candidate.Offer, Secrets: candidate.Secrets, Ledger: ledger, Budget: budget,
				Prefix: run, Lifetime: lifetime, Now: c.Now,
			})
			if err != nil {
				closeAll(sessions)
				return nil, err
			}
			sessions = append(sessions, session)
		}
	}
	return sessions, nil
}

func closeAll(sessions []*probe.Session) {
	for _, s := range sessions {
		s.Close()
	}
}

func (c *Campaign) offers() []catalogue.Offer {
	list := make([]catalogue.Offer, 0, len(c.Offers))
	for _, candidate := range c.Offers {
		list = append(list, candidate.Offer)
	}
	return list
}
