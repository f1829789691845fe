package load

import (
	"slices"
	"time"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// Plan is one load on several services, to decide the same goals for each.
type Plan struct {
	Seed  uint64
	Load  Load
	Goals []measure.Goal
	// Contestants take turns, block by block, in an order drawn again each round. A
	// contestant whose goals are all decided takes no further turn.
	Contestants []Contestant
	// Null is a workload on a local server that does nothing: one more contestant,
	// whose latencies are the generator's own. Without it nothing is calibrated, and
	// Result.Void says so.
	Null Workload

	// Connections is the most that each contestant has open. It must be what the
	// service is promised to be used with: requests that find none free wait, and
	// their wait counts.
	Connections int
	Timeout     time.Duration // of a request, from its actual start
	// Patience is how late a request may start. When the next one is later than
	// that, the service is saturated: all that is due is dropped, and what is left
	// of the block.
	Patience time.Duration

	// What each contestant may cost; the measurement ends there, decided or not.
	Duration time.Duration
	Requests int64 // 0: what Duration allows

	// Series names what the workloads measure beside the latency, in the order of
	// Op.Mark. Goals may be on them.
	Series []string

	// OnBlock is told of each block, by one goroutine at a time. May be nil.
	OnBlock func(contestant string, b measure.LoadBlock)

	pacer func(Clock) *pacer // of the benchmark, which compares ways to wait; nil: newPacer
}

// Contestant is a service under the load.
type Contestant struct {
	Name     string
	Workload Workload
	// OpBytes is the most that one request moves, both ways. It is set aside before
	// a request starts, so that the cap on bytes holds to the byte.
	OpBytes int64
	Budget  *Budget // what the owner allows; contestants of one owner share it
}

// least are the smallest lengths that the engine takes.
const leastBlock = 10 * time.Millisecond

// Check refuses a plan that can't be carried out, or that might go beyond what the
// owners allow. Run does it before anything is opened.
func (p *Plan) Check() error {
	if err := p.Load.check(); err != nil {
		return err
	}
	switch {
	case len(p.Contestants) == 0:
		return invalid("aucune offre à mesurer", "no offer to measure")
	case p.Connections < 1:
		return invalid("connexions : %d ; il en faut au moins une", "connections: %d; at least one", p.Connections)
	case p.Timeout <= 0 || p.Patience <= 0:
		return invalid("délais : réponse %v, patience %v ; au-dessus de zéro", "timeout %v, patience %v: above zero", p.Timeout, p.Patience)
	case p.Duration/p.Load.Block > measure.MostBlocks:
		return invalid("durée : %v ; %d blocs de %v au plus", "duration: %v; at most %d blocks of %v", p.Duration, measure.MostBlocks, p.Load.Block)
	case p.Duration < p.Load.Block:
		return invalid("durée : %v ; au moins un bloc, %v", "duration: %v; at least a block, %v", p.Duration, p.Load.Block)
	case len(p.Goals) > 0 && p.Load.Shape == Closed:
		return invalid("en boucle fermée, le service fixe lui-même le rythme : sa latence ne peut décider aucune cible",
			"in a closed loop the service sets the pace itself: its latency can decide no target")
	}
	for _, g := range p.Goals {
		if _, err := measure.NewSequence(g.Quantile, g.Confidence, g.MinBlocks); err != nil {
			return fault.Wrap(fault.Invalid, lang.T("cible de charge", "load target"), err)
		}
		if g.Bound <= 0 {
			return invalid("borne : %v ; au-dessus de zéro", "bound: %v; above zero", g.Bound)
		}
		if p.metric(g) < 0 {
			return invalid("mesure « %s » inconnue de cette charge", "metric %q: not measured by this load", g.Metric)
		}
	}
	return p.checkCaps()
}

// metric is where a goal's values are: 0 for the latency, then the series; -1 when
// nothing measures it.
func (p *Plan) metric(g measure.Goal) int {
	if g.Metric == measure.Latency {
		return 0
	}
	if i := slices.Index(p.Series, g.Metric); i >= 0 {
		return i + 1
	}
	return -1
}

func (l *Load) check() error {
	if l.Block < leastBlock {
		return invalid("bloc : %v ; au moins %v", "block: %v; at least %v", l.Block, leastBlock)
	}
	rates := []measure.Rate{l.Rate}
	switch l.Shape {
	case Constant, Poisson:
	case Closed:
		return nil
	case Steps:
		if len(l.Steps) == 0 {
			return invalid("une charge par paliers demande au moins un palier", "a load in steps needs at least one step")
		}
		rates = nil
		for _, s := range l.Steps {
			if s.For <= 0 {
				return invalid("palier : %v ; au-dessus de zéro", "step: %v; above zero", s.For)
			}
			rates = append(rates, s.Rate)
		}
	default:
		return invalid("forme de charge inconnue « %s » : constant, poisson, steps ou closed", "unknown load shape %q: constant, poisson, steps or closed", l.Shape)
	}
	for _, r := range rates {
		if !(r > 0) || float64(r)*float64(l.Block)/1e9 > MaxBlock || float64(r) < 1e-3 {
			return invalid("débit : %v/s par blocs de %v ; de 0,001/s à %d requêtes par bloc", "rate: %v/s in blocks of %v; from 0.001/s to %d requests a block",
				float64(r), l.Block, MaxBlock)
		}
	}
	return nil
}

// most is what a contestant may take at most, in whole blocks.
func (p *Plan) most() (blocks int, requests int64) {
	for limit := int(p.Duration / p.Load.Block); blocks < limit; blocks++ {
		rate, ok := p.Load.rate(blocks)
		n := p.Load.perBlock(rate)
		if !ok || p.Requests > 0 && requests+n > p.Requests {
			break
		}
		requests += n
	}
	return blocks, requests
}

// checkCaps holds the plan against what each owner allows.
func (p *Plan) checkCaps() error {
	blocks, requests := p.most()
	if blocks == 0 {
		return invalid("requêtes : %d ; un bloc en compte davantage", "requests: %d; a block has more", p.Requests)
	}
	turns := len(p.Contestants)
	if p.Null != nil {
		turns++
	}
	all := time.Duration(blocks*turns) * p.Load.Block
	sums := map[*Budget]*Caps{}
	for i := range p.Contestants {
		c := &p.Contestants[i]
		if c.Budget == nil {
			return invalid("%s : sans les plafonds de son propriétaire, une offre n'est pas mise sous charge", "%s: an offer isn't put under load without its owner's caps", c.Name)
		}
		if c.OpBytes < 1 {
			return invalid("%s : octets par requête : %d ; au moins 1", "%s: bytes a request: %d; at least 1", c.Name, c.OpBytes)
		}
		s := sums[c.Budget]
		if s == nil {
			s = &Caps{Rate: p.Load.peak(), Duration: all}
			sums[c.Budget] = s
		}
		s.Connections += p.Connections
		if p.Load.Shape != Closed { // what it will ask isn't known: it ends at a cap
			s.Requests += requests
			s.Bytes += requests * c.OpBytes
		}
		if err := s.within(&c.Budget.caps, c.Name); err != nil {
			return err
		}
	}
	return nil
}

// within refuses a plan that asks for more than the caps.
func (asked *Caps) within(caps *Caps, contestant string) error {
	for _, over := range []struct {
		is          bool
		name        lang.Text
		want, limit any
	}{
		{asked.Rate > caps.Rate, lang.T("débit", "rate"), asked.Rate, caps.Rate},
		{asked.Connections > caps.Connections, lang.T("connexions", "connections"), asked.Connections, caps.Connections},
		{asked.Duration > caps.Duration, lang.T("durée, tours des autres compris", "duration, the others' turns included"), asked.Duration, caps.Duration},
		{asked.Requests > caps.Requests && caps.Requests > 0, lang.T("requêtes", "requests"), asked.Requests, caps.Requests},
		{asked.Bytes > caps.Bytes, lang.T("octets", "bytes"), asked.Bytes, caps.Bytes},
	} {
		if over.is {
			return invalid("%s : le plan de charge dépasse un plafond de l'offre (%s) : il demande %v, l'offre permet %v. Réduire la charge ou son budget, ou demander un plafond plus haut au propriétaire",
				"%s: the load plan is above a cap of the offer (%s): it asks for %v, the offer allows %v. Reduce the load or its budget, or ask the owner for a higher cap",
				contestant, over.name, over.want, over.limit)
		}
	}
	return nil
}

func invalid(fr, en string, args ...any) error {
	return fault.New(fault.Invalid, lang.T(fr, en, args...))
}
