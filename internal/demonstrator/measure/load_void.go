package measure

import (
	"strconv"
	"time"

	"aloi.dev/internal/lang"
)

// Tenth is what the generator's own part of a latency must be below: that part of
// the bound.
const Tenth = 10

// VoidRule names a reason for which a measurement says nothing of the service.
type VoidRule string

// The rules.
const (
	Uncalibrated VoidRule = "uncalibrated" // no null server took part
	Generator    VoidRule = "generator"    // the quantile of the null server is above a tenth of the bound
	Slipped      VoidRule = "slipped"      // so is that of the generator's own lateness on this service
	Stepped      VoidRule = "stepped"      // somebody set the time, or the machine slept
)

// LoadVoid is one reason, with what was seen and what is allowed.
type LoadVoid struct {
	Rule   VoidRule      `json:"rule"`
	Seen   time.Duration `json:"seen_ns,omitempty"`
	Beyond bool          `json:"beyond,omitempty"` // what was seen is more than that
	Limit  time.Duration `json:"limit_ns,omitempty"`
	Held   int64         `json:"held,omitempty"` // of Slipped: requests that the cap on the rate held back
}

// Text says why in a sentence.
func (v LoadVoid) Text() lang.Text {
	seen, limit := Milliseconds(v.Seen), Milliseconds(v.Limit)
	if v.Beyond {
		seen = lang.T("plus de %s", "more than %s", seen)
	}
	switch v.Rule {
	case Uncalibrated:
		return lang.T("Mesure nulle : aucun serveur nul n'a été mesuré en même temps, la part du générateur n'est pas connue.",
			"Void: no null server was measured beside it, the generator's own part isn't known.")
	case Generator:
		return lang.T("Mesure nulle : le générateur lui-même prend %s sur un serveur qui ne fait rien ; un dixième de la borne, %s, est permis. Reprendre sur une machine moins chargée.",
			"Void: the generator itself takes %s on a server that does nothing; a tenth of the bound, %s, is allowed. Measure again on a machine that is less busy.", seen, limit)
	case Slipped:
		if v.Held > 0 {
			return lang.T("Mesure nulle : %[3]d requêtes ont été retenues par le plafond de débit de l'offre, jusqu'à un retard de %[1]s ; un dixième de la borne, %[2]s, est permis. Demander un plafond au-dessus du débit mesuré.",
				"Void: %[3]d requests were held back by the offer's cap on the rate, up to a lateness of %[1]s; a tenth of the bound, %[2]s, is allowed. Ask for a cap above the rate that is measured.", seen, limit, v.Held)
		}
		return lang.T("Mesure nulle : le générateur a lancé ses requêtes avec un retard de %s ; un dixième de la borne, %s, est permis. Reprendre sur une machine moins chargée.",
			"Void: the generator started its requests late by %s; a tenth of the bound, %s, is allowed. Measure again on a machine that is less busy.", seen, limit)
	}
	return lang.T("Mesure nulle : l'horloge a sauté de %s pendant la mesure ; %s est permis.", "Void: the clock jumped by %s during the measurement; %s is allowed.", seen, limit)
}

// Milliseconds writes a duration in milliseconds, to the tenth above.
func Milliseconds(d time.Duration) lang.Text {
	tenths := int64((d + 100*time.Microsecond - 1) / (100 * time.Microsecond))
	whole := strconv.FormatInt(tenths/10, 10)
	if tenths%10 > 0 {
		part := strconv.FormatInt(tenths%10, 10)
		return lang.Text{FR: whole + "," + part + " ms", EN: whole + "." + part + " ms"}
	}
	return lang.Text{FR: whole + " ms", EN: whole + " ms"}
}

// Void returns the reasons for which what was measured of an offer says nothing
// on a goal, both counted from 0; none when it stands.
func (r *LoadRun) Void(offer, goal int) []LoadVoid {
	record, g := &r.Offers[offer], r.Goals[goal]
	limit := g.Bound / Tenth
	var voids []LoadVoid
	switch {
	case r.Null == nil || r.Null.Total().Requests == 0:
		voids = append(voids, LoadVoid{Rule: Uncalibrated})
	case tooMany(r.Null.Total().For(goal), g.Quantile):
		seen, beyond := r.Null.Latency().Quantile(g.Quantile)
		voids = append(voids, LoadVoid{Rule: Generator, Seen: seen, Beyond: beyond, Limit: limit})
	}
	if seen, beyond := record.Lateness.Quantile(g.Quantile); beyond || seen > limit {
		voids = append(voids, LoadVoid{Rule: Slipped, Seen: seen, Beyond: beyond, Limit: limit, Held: record.Total().Held})
	}
	if allowed := max(min(limit, mostStep), leastStep); r.Step > allowed {
		voids = append(voids, LoadVoid{Rule: Stepped, Seen: r.Step, Limit: allowed})
	}
	return voids
}

// What a clock may jump: our own figures. Correcting it little by little, as time
// daemons do, moves the two clocks apart by 0.05 ms in clockEvery at most.
const (
	leastStep = time.Millisecond
	mostStep  = 10 * time.Millisecond
)

// tooMany reports that the quantile is above the bound of b.Slow.
func tooMany(b Block, q Quantile) bool {
	return b.Slow*int64(Whole) > b.Requests*(int64(Whole)-int64(q))
}
