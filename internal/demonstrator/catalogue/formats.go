package catalogue

import (
	"reflect"

	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

const idPattern = `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`

var identifier = strict.Format{
	What:     lang.T("un identifiant : des mots en minuscules joints par des traits d'union, 60 caractères au plus", "an id: lower-case words joined by hyphens, at most 60 characters"),
	Pattern:  idPattern,
	Examples: []string{"object-storage", "s3-buckets"},
	Max:      60,
}

// Formats says how each type of the needs, targets and offers is written. Other
// packages that read the same units may use it too.
var Formats = strict.Formats{
	reflect.TypeFor[NeedID]():   identifier,
	reflect.TypeFor[TargetID](): identifier,
	reflect.TypeFor[OfferID]():  identifier,
	reflect.TypeFor[Date](): {
		What:     lang.T("une date AAAA-MM-JJ", "a date YYYY-MM-DD"),
		Pattern:  `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`,
		Examples: []string{"2026-01-31"},
	},
	reflect.TypeFor[Host](): {
		What:     lang.T("un hôte, avec ou sans port", "a host, with or without a port"),
		Pattern:  `^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`,
		Examples: []string{"auth.example.org", "auth.example.org:8443"},
	},
	reflect.TypeFor[Ref](): {
		What:     lang.T("une référence : un secret ne s'écrit jamais dans ce fichier", "a reference: a secret is never written in this file"),
		Pattern:  `^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$`,
		Examples: []string{"env:MY_CLOUD_KEY", "file:secrets/key"},
		Secret:   true,
	},
	reflect.TypeFor[measure.Duration](): {
		What:     lang.T("une durée au-dessus de zéro", "a duration above zero"),
		Pattern:  `^[0-9]+(\.[0-9]+)? ?(us|ms|s|min|h|d)$`,
		Examples: []string{"20 ms", "1.5 s", "10 min", "24 h", "90 d"},
	},
	reflect.TypeFor[measure.Size](): {
		What:     lang.T("une taille au-dessus de zéro", "a size above zero"),
		Pattern:  `^[0-9]+(\.[0-9]+)? ?(B|[kKMGT]B|[KMGT]iB)$`,
		Examples: []string{"512 B", "64 KiB", "200 MB", "5 GiB"},
	},
	reflect.TypeFor[measure.Rate](): {
		What:     lang.T("un débit au-dessus de zéro", "a rate above zero"),
		Pattern:  `^[0-9]+(\.[0-9]+)? ?/(s|min)$`,
		Examples: []string{"200/s", "30/min"},
	},
	reflect.TypeFor[measure.Share](): {
		What:     lang.T("une part entre 0 % et 100 %", "a share between 0 % and 100 %"),
		Pattern:  `^[0-9]+(\.[0-9]{1,2})? ?%$`,
		Examples: []string{"95 %", "99.5 %"},
	},
	reflect.TypeFor[measure.Quantile](): {
		What:     lang.T("un quantile entre p0 et p100", "a quantile between p0 and p100"),
		Pattern:  `^p[0-9]+(\.[0-9]{1,2})?$`,
		Examples: []string{"p50", "p95", "p99.9"},
	},
}

// The priorities, from the first to serve.
const (
	Essential Priority = "essential"
	Important Priority = "important"
	Useful    Priority = "useful"
)

// Values lists the priorities.
func (Priority) Values() []string {
	return []string{string(Essential), string(Important), string(Useful)}
}

// Values lists the kinds of source.
func (SourceKind) Values() []string { return []string{string(Public), string(Proposal)} }

// Values lists the roles.
func (Role) Values() []string { return []string{string(Gate), string(Scored)} }

// Values lists the states of a target in the order in which they may follow.
func (TargetState) Values() []string {
	return []string{string(Draft), string(Effective), string(Deprecated)}
}
