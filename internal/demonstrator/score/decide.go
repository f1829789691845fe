package score

import (
	"math/big"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// decide gives the verdict on a target of a need that the offer claims; seen is
// what became of the checks of a functional one.
func decide(target *catalogue.Target, seen outcomes) TargetVerdict {
	v := verdictOn(target, NotEstablished)
	switch {
	case target.Functional == nil: // see answered, underLoad
	case len(seen.checks) == 0:
		v.Reason = lang.T("La cible n'exige aucune vérification.", "The target requires no check.")
	default:
		v.Tally, v.Checks = seen.tally(), seen.checks
		if target.Role == catalogue.Scored {
			v.scored(target.Functional, seen)
		} else {
			v.gate(target.Functional, seen)
		}
	}
	return v
}

// gate is met when enough passed and enough ran; it is not met when even every
// unknown check could not make up for those that did not pass, however few ran.
func (v *TargetVerdict) gate(f *catalogue.Functional, seen outcomes) {
	share := orElse(f.Share, measure.Whole)
	t := v.Tally
	switch covered := reaches(t.Run, t.Required, f.MinCoverage); {
	case !reaches(t.Passed+t.NotRun+t.Errors, t.Required, share):
		v.Verdict, v.Reason = NotMet, tooFew(seen, share)
	case !covered:
		v.Reason = uncovered(seen, f.MinCoverage)
	case !reaches(t.Passed, t.Required, share):
		v.Reason = undecided(seen, share)
	default:
		v.Verdict, v.Reason = Met, enough(seen, share)
	}
}

// scored is worth 0 at the floor, 1 at what is wanted, and linear in between.
// What is unknown counts as not passed.
func (v *TargetVerdict) scored(f *catalogue.Functional, seen outcomes) {
	if !reaches(v.Tally.Run, v.Tally.Required, f.MinCoverage) {
		v.Reason = uncovered(seen, f.MinCoverage)
		return
	}
	floor, want := orElse(f.Floor, 0), orElse(f.Want, measure.Whole)
	v.Value = value(v.Tally.Passed, v.Tally.Required, floor, want)
	if v.Value.Cmp(whole(1)) == 0 {
		v.Verdict, v.Reason = Met, full(seen, want)
		return
	}
	v.Verdict, v.Reason = NotMet, worth(seen, v.Value, floor, want)
}

// value is (n/of - floor)/(want - floor), kept between 0 and 1. A
// scale without length is a step at what is wanted.
func value(n, of int, floor, want measure.Share) *big.Rat {
	if reaches(n, of, want) {
		return whole(1)
	}
	if !reaches(n, of, floor) {
		return whole(0)
	}
	above := int64(n)*int64(measure.Whole) - int64(floor)*int64(of)
	return big.NewRat(above, int64(want-floor)*int64(of))
}

// reaches reports n/of >= share, exactly.
func reaches(n, of int, share measure.Share) bool {
	return int64(n)*int64(measure.Whole) >= int64(share)*int64(of)
}

func orElse(s *measure.Share, absent measure.Share) measure.Share {
	if s == nil {
		return absent
	}
	return *s
}

func notEvaluated(target *catalogue.Target) TargetVerdict {
	v := verdictOn(target, NotEvaluated)
	v.Reason = lang.T("L'offre ne se positionne pas sur ce besoin.", "The offer doesn't position itself on this need.")
	return v
}

func verdictOn(target *catalogue.Target, verdict Verdict) TargetVerdict {
	v := TargetVerdict{Target: target.ID, Need: target.Need, Role: target.Role, Weight: target.Weight, Verdict: verdict}
	if target.Functional != nil {
		v.Checks = target.Functional.Checks
	}
	return v
}
