package score

import "math/big"

// Generator and Wilson open two formulas to tests that compare them with what
// others computed.
type Generator = generator

func (g *Generator) Next() uint64 { return g.next() }

func (g *Generator) Weighting(weights []uint64) { g.weighting(weights) }

func Wilson(share *big.Rat, n int) (low, high *big.Rat) { return wilson(share, n) }
