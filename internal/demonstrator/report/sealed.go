package report

import (
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/lang"
)

// Sealed says what a verified bundle says: whose measurement it is, and what was
// decided of each offer.
func Sealed(v *evidence.Verified) []lang.Text {
	said := []lang.Text{both(func(p printer) string {
		complete := "sealed.whole"
		if !v.Claim.Complete {
			complete = "sealed.partial"
		}
		return p.word("sealed.run", visible(v.Claim.Run), p.instant(v.Claim.Started), p.word(complete))
	}), By(v.Claim.By)}
	for _, card := range v.Outcome.Cards {
		said = append(said, both(func(p printer) string {
			value, weight := p.scored(card.Score)
			return p.word("sealed.offer", visible(string(card.Offer)), p.word("sealed."+string(card.Gates)), value, weight)
		}))
	}
	return said
}

// By says whose word a sealed run is: an operator measured, anybody else declares.
func By(s evidence.Signer) lang.Text {
	return both(func(p printer) string {
		if s.Role == evidence.Operator {
			return p.word("sealed.measured", line(s.Holder))
		}
		return p.word("sealed.declared", line(s.Holder), line(s.Role))
	})
}

// both writes a sentence in each language.
func both(write func(printer) string) lang.Text {
	return lang.Text{FR: write(printer{lang.FR}), EN: write(printer{lang.EN})}
}

// sealedBy says who sealed the run that a record was read from; empty for a bare
// run folder.
func (p printer) sealedBy(r *evidence.Record) string {
	switch {
	case r.Sealed == nil:
		return ""
	case !r.Sealed.Trusted:
		return p.word("sealed.stranger", visible(r.Sealed.By.Holder))
	}
	return p.say(By(r.Sealed.By))
}

func holder(r *evidence.Record) string {
	if r.Sealed == nil {
		return ""
	}
	return r.Sealed.By.Holder
}
