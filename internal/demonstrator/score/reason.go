package score

import (
	"math/big"
	"strings"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
)

// maxNamed is how many checks a reason names before it says "and n more".
const maxNamed = 3

// outcomeWords say an outcome after a number: the French agrees with it.
var outcomeWords = [outcomeCount]struct{ one, many, en string }{
	passed:      {"passée", "passées", "passed"},
	failed:      {"en échec", "en échec", "failed"},
	unsupported: {"non prise en charge", "non prises en charge", "unsupported"},
	blocked:     {"bloquée par un préalable", "bloquées par un préalable", "blocked by a prerequisite"},
	inError:     {"en erreur", "en erreur", "in error"},
	expired:     {"périmée", "périmées", "expired"},
	filtered:    {"hors sélection", "hors sélection", "not selected"},
	capped:      {"arrêtée par un plafond", "arrêtées par un plafond", "stopped by a cap"},
	interrupted: {"interrompue", "interrompues", "interrupted"},
	skipped:     {"sautée par sa suite", "sautées par leur suite", "skipped by the suite"},
	missing:     {"sans résultat", "sans résultat", "without a result"},
}

// What checks of several kinds have in common; there are always two or more.
var (
	notPassed = lang.T("non passées", "not passed")
	noAnswer  = lang.T("sans réponse", "without an answer")
)

// enough says that as many checks passed as the gate asks for.
func enough(seen outcomes, share measure.Share) lang.Text {
	return lang.T("%s%s.", "%s%s.", passing(seen), asked(share))
}

// tooFew says that too many checks did not pass, whatever became of the rest.
func tooFew(seen outcomes, share measure.Share) lang.Text {
	of := lang.T(" sur %d", " of %d", len(seen.checks))
	return lang.T("%s%s.", "%s%s.", naming(seen, of, notPassed, func(o outcome) bool { return o != passed && !o.unknown() }), asked(share))
}

// undecided says that checks without an answer could still change the verdict.
func undecided(seen outcomes, share measure.Share) lang.Text {
	return lang.T("%s%s ; %s.", "%s%s; %s.", passing(seen), asked(share), naming(seen, lang.Text{}, noAnswer, outcome.unknown))
}

// uncovered says that too few checks ran to conclude, and why they did not.
func uncovered(seen outcomes, least measure.Share) lang.Text {
	_, why := breakdown(seen, outcome.unknown)
	t := seen.tally()
	return lang.T("%[1]d %[4]s sur %[2]d %[5]s, couverture minimale %[3]s : %[6]s.",
		"%[1]d of %[2]d required checks ran, min-coverage %[3]s: %[6]s.",
		t.Run, t.Required, local(least.String()), agree(t.Run, "vérification exigée", "vérifications exigées"),
		agree(t.Run, "a été exécutée", "ont été exécutées"), why)
}

// full says that a scored target is worth all that it can be.
func full(seen outcomes, want measure.Share) lang.Text {
	if want == measure.Whole {
		return enough(seen, want)
	}
	return lang.T("%s ; valeur entière dès %s.", "%s; full value from %s on.", passing(seen), local(want.String()))
}

// worth says what a scored target is worth on its scale, and what is missing.
func worth(seen outcomes, value *big.Rat, floor, want measure.Share) lang.Text {
	scale := lang.Text{}
	if floor != 0 || want != measure.Whole {
		scale = lang.T(" sur une échelle de %s à %s", " on a scale from %s to %s", local(floor.String()), local(want.String()))
	}
	return lang.T("%s, valeur %s %%%s ; %s.", "%s, value %s %%%s; %s.", passing(seen), local(Percent(value, 1)), scale,
		naming(seen, lang.Text{}, notPassed, func(o outcome) bool { return o != passed }))
}

func passing(seen outcomes) lang.Text {
	t := seen.tally()
	return lang.T("%[1]d %[3]s sur %[2]d %[4]s", "%[1]d of %[2]d required checks passed", t.Passed, t.Required,
		agree(t.Passed, "vérification exigée", "vérifications exigées"), agree(t.Passed, "est passée", "sont passées"))
}

// asked recalls the share that must pass, unless it is the whole.
func asked(share measure.Share) lang.Text {
	if share == measure.Whole {
		return lang.Text{}
	}
	return lang.T(" ; il en faut %s", "; %s must pass", local(share.String()))
}

// naming counts the checks whose outcome is picked and names the first of them.
// of follows the count; checks of several kinds are called together, and counted
// by kind.
func naming(seen outcomes, of, together lang.Text, pick func(outcome) bool) lang.Text {
	kinds, why := breakdown(seen, pick)
	var checks []string
	for _, kind := range kinds {
		checks = append(checks, kind.checks...)
	}
	words := lang.T("%s (%s)", "%s (%s)", together, why)
	if len(kinds) == 1 {
		words = kinds[0].words
	}
	return lang.T("%d%s %s : %s", "%d%s %s: %s", len(checks), of, words, list(checks))
}

// kind is the checks that share an outcome, and the words for it.
type kind struct {
	checks []string
	words  lang.Text
}

// breakdown sorts the checks whose outcome is picked by kind, and says how many
// there are of each: "2 failed, 1 unsupported".
func breakdown(seen outcomes, pick func(outcome) bool) (kinds []kind, why lang.Text) {
	for o := range outcomeCount {
		var checks []string
		for _, check := range seen.checks {
			if seen.of[check] == o && pick(o) {
				checks = append(checks, check)
			}
		}
		if len(checks) == 0 {
			continue
		}
		word := outcomeWords[o]
		words := lang.Text{FR: agree(len(checks), word.one, word.many), EN: word.en}
		one := lang.T("%d %s", "%d %s", len(checks), words)
		if len(kinds) > 0 {
			one = lang.T("%s, %s", "%s, %s", why, one)
		}
		kinds, why = append(kinds, kind{checks, words}), one
	}
	return kinds, why
}

// list names the first checks: "a, b, c and 2 more".
func list(checks []string) lang.Text {
	more := len(checks) - maxNamed
	if more <= 0 {
		return lang.Same(strings.Join(checks, ", "))
	}
	first := strings.Join(checks[:maxNamed], ", ")
	return lang.T("%s et %d %s", "%[1]s and %[2]d more", first, more, agree(more, "autre", "autres"))
}

// agree chooses between the French singular and plural: zero and one are singular.
func agree(n int, one, many string) string {
	if n < 2 {
		return one
	}
	return many
}

// local writes a decimal number with the comma of French.
func local(number string) lang.Text {
	return lang.Text{FR: strings.Replace(number, ".", ",", 1), EN: number}
}

// Percent writes a value between 0 and 1 as a percentage with that many
// decimals, without the sign. It truncates: nothing short of 1 reads as 100.
// A nil value gives "".
func Percent(r *big.Rat, decimals int) string {
	if r == nil {
		return ""
	}
	decimals = max(decimals, 0)
	scaled := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals+2)), nil)
	scaled.Mul(scaled, r.Num()).Quo(scaled, r.Denom())
	sign := ""
	if scaled.Sign() < 0 {
		sign = "-"
	}
	digits := scaled.Abs(scaled).String()
	if decimals == 0 {
		return sign + digits
	}
	digits = strings.Repeat("0", max(0, decimals+1-len(digits))) + digits
	point := len(digits) - decimals
	return sign + digits[:point] + "." + digits[point:]
}
