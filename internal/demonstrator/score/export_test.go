package score

import (
	"math/big"

	"aloi.dev/internal/demonstrator/measure"
)

// Weighting and Wilson open two formulas to tests that compare them with what others
// computed.
func Weighting(g *measure.SplitMix64, weights []uint64) { weighting(g, weights) }

func Wilson(share *big.Rat, n int) (low, high *big.Rat) { return wilson(share, n) }
