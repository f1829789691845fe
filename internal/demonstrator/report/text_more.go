package report

import "aloi.dev/internal/lang"

// moreWords are those of the states, the rest of the page and the terminal.
var moreWords = map[string]lang.Text{
	"and": lang.T("et", "and"),

	"sealed.run":      lang.T("campagne %s du %s : %s", "run %s of %s: %s"),
	"sealed.measured": lang.T("mesuré par %s", "measured by %s"),
	"sealed.declared": lang.T("déclaré par %s (%s)", "declared by %s (%s)"),
	"sealed.offer":    lang.T("%s : %s, score %s (%s)", "%s: %s, score %s (%s)"),

	"state.pass":        lang.T("passée", "pass"),
	"state.fail":        lang.T("en échec", "fail"),
	"state.unsupported": lang.T("non prise en charge", "unsupported"),
	"state.not-run":     lang.T("non exécutée", "not run"),
	"state.error":       lang.T("en erreur", "error"),
	"state.missing":     lang.T("sans résultat", "no result"),

	"legend.pass":        lang.T("l'offre fait ce que la norme prévoit", "the offer does what the standard says"),
	"legend.fail":        lang.T("elle ne le fait pas, alors qu'un appel de contrôle avec le même compte réussit", "it doesn't, while a control call with the same credential succeeds"),
	"legend.unsupported": lang.T("l'offre déclare ne pas avoir la fonction ; exigée, elle compte comme non passée", "the offer says that it doesn't have the feature; where required, it counts as not passed"),
	"legend.not-run":     lang.T("hors sélection, préalable non passé, plafond ou arrêt ; exigée, elle ne compte jamais comme passée", "not selected, prerequisite not passed, cap or stop; where required, it never counts as passed"),
	"legend.error":       lang.T("trouble de notre côté (outil, réseau, compte) : ne dit rien de l'offre", "trouble on our side (tool, network, credential): says nothing of the offer"),
	"legend.missing":     lang.T("la campagne s'est arrêtée avant de l'exécuter", "the run stopped before it"),

	"verdict.met":             lang.T("atteinte", "met"),
	"verdict.not-met":         lang.T("non atteinte", "not met"),
	"verdict.not-established": lang.T("non établie", "not established"),
	"verdict.not-evaluated":   lang.T("non évaluée", "not evaluated"),

	"gates-are.met":             lang.T("atteintes", "met"),
	"gates-are.not-met":         lang.T("non atteintes", "not met"),
	"gates-are.not-established": lang.T("non établies", "not established"),
	"gates-are.not-evaluated":   lang.T("non évaluées", "not evaluated"),

	"legend.met":             lang.T("la part exigée des vérifications est passée ; pour une cible notée, elle vaut 100 %", "the required share of the checks passed; a scored target is worth 100 %"),
	"legend.not-met":         lang.T("trop de vérifications ne sont pas passées ; une cible notée vaut alors moins de 100 %, et sa valeur est montrée", "too many checks did not pass; a scored target is then worth less than 100 %, and its value is shown"),
	"legend.not-established": lang.T("trop peu a été exécuté, ou trop d'erreurs, pour conclure ; la raison le dit", "too little ran, or too many errors, to conclude; the reason says so"),
	"legend.not-evaluated":   lang.T("l'offre ne se positionne pas sur ce besoin", "the offer doesn't position itself on this need"),

	"inventory":         lang.T("Inventaire", "Inventory"),
	"inventory.caption": lang.T("Ce que chaque service contenait avant et après la campagne : ressources de la campagne, et nombre des autres", "What each service held before and after the run: the run's own resources, and how many others"),
	"inventory.none":    lang.T("Aucun inventaire n'a été consigné.", "No inventory was recorded."),
	"inventory.hint":    lang.T("Rien de ce que la campagne n'a pas créé n'est écrit ni effacé : des autres ressources, seul le nombre est relevé.", "Nothing that the run did not create is ever written or deleted: other resources are only counted."),
	"before":            lang.T("Avant", "Before"),
	"after":             lang.T("Après", "After"),
	"held":              lang.T("%s de la campagne, %s autres", "%s of the run, %s others"),
	"unread":            lang.T("non relevé", "not taken"),
	"inventory.clean":   lang.T("rien ne reste", "nothing is left"),
	"inventory.moved":   lang.T("le nombre des autres ressources a changé pendant la campagne", "the number of other resources changed during the run"),
	"inventory.remains": lang.T("reste : %s", "left: %s"),
	"inventory.more":    lang.T("%s et %s de plus", "%s and %s more"),

	"environment":         lang.T("Environnement", "Environment"),
	"environment.caption": lang.T("D'où et avec quoi la campagne a été exécutée", "Where from and what with the run was made"),
	"item":                lang.T("Élément", "Item"),
	"content":             lang.T("Valeur", "Value"),

	"reading":          lang.T("Comment lire ce rapport", "How to read this report"),
	"reading.figures":  lang.T("Chaque chiffre s'écrit passées / exécutées / exigées. Le dénominateur est toujours ce qui était exigé : rien de ce qui n'a pas été exécuté ne peut passer pour réussi.", "Every figure is written passed / run / required. The denominator is always what was required: nothing that did not run can look passed."),
	"reading.score":    lang.T("Les cibles éliminatoires passent d'abord. Le score est la moyenne pondérée des cibles notées dont la valeur est établie ; « poids 40 sur 60 » dit sur quelle part il repose. Les pourcentages sont tronqués, jamais arrondis vers le haut.", "Gates come first. The score is the weighted mean of the scored targets whose value is established; \"weight 40 of 60\" says how much it rests on. Percentages are truncated, never rounded up."),
	"states.caption":   lang.T("États d'une vérification", "States of a check"),
	"verdicts.caption": lang.T("Verdicts sur une cible", "Verdicts on a target"),
	"state":            lang.T("État", "State"),
	"verdict":          lang.T("Verdict", "Verdict"),
	"meaning":          lang.T("Sens", "Meaning"),
	"method":           lang.T("Méthode et limites", "Method and limits"),
	"method.order":     lang.T("Les offres sont mesurées tour à tour, dans un ordre aléatoire dont la graine est donnée, pour que l'heure ne passe pas pour l'offre.", "Offers are measured in turns, in a random order whose seed is given, so that the hour is not mistaken for the offer."),
	"method.control":   lang.T("Un délai dépassé, une coupure ou un refus ne compte contre l'offre que si un appel de contrôle avec le même compte réussit.", "A time-out, a cut or a refusal counts against the offer only if a control call with the same credential succeeds."),
	"method.secrets":   lang.T("Les échanges sont débarrassés des secrets au moment où ils sont écrits ; seuls ceux des vérifications non passées sont gardés en entier.", "Secrets are removed from exchanges as they are written; only those of checks that did not pass are kept whole."),
	"method.real":      lang.T("Une campagne prouve le calcul, pas que le cloud était réel : elle vaut ce que vaut la personne qui l'a exécutée.", "A run proves the arithmetic, not that the cloud was real: it is worth as much as whoever made it."),
	"method.scope":     lang.T("Ce rapport ne dit rien de ce qu'aucune cible n'exige, ni de ce que l'offre deviendra après la date de la campagne.", "This report says nothing of what no target requires, nor of what becomes of the offer after the date of the run."),
	"method.replay":    lang.T("Les verdicts se recalculent à partir des résultats bruts : « aloi report » sur le dossier de la campagne.", "The verdicts can be computed again from the raw results: `aloi report` on the run folder."),

	// The terminal.
	"term.run":         lang.T("Campagne %s", "Run %s"),
	"term.complete":    lang.T("complète", "complete"),
	"term.incomplete":  lang.T("INCOMPLÈTE : %s", "INCOMPLETE: %s"),
	"term.selection":   lang.T("SÉLECTION PARTIELLE : %s", "PARTIAL SELECTION: %s"),
	"term.catalogue":   lang.T("catalogue %s", "catalogue %s"),
	"term.from":        lang.T("depuis %s/%s, aloi %s", "from %s/%s, aloi %s"),
	"pair":             lang.T("%s : %s", "%s: %s"),
	"term.gate":        lang.T("élim.", "gate"),
	"term.gates":       lang.T("Éliminatoires", "Gates"),
	"term.figures":     lang.T("Vérifications : passées / exécutées / exigées. Cibles : passées / exigées.", "Checks: passed / run / required. Targets: passed / required."),
	"term.missed":      lang.T("%s : ce qui manque", "%s: what is missing"),
	"term.more.one":    lang.T("et %s autre vérification non passée", "and %s more check not passed"),
	"term.more.many":   lang.T("et %s autres vérifications non passées", "and %s more checks not passed"),
	"term.unranked":    lang.T("non classée : %s", "unranked: %s"),
	"term.common.none": lang.T("Pas de classement : aucun besoin n'est revendiqué par toutes les offres.", "No ranking: no need is claimed by all offers."),
	"term.common.one":  lang.T("Classement sur le seul besoin commun", "Ranking over the one common need"),
	"term.common.many": lang.T("Classement sur les %s besoins communs", "Ranking over the %s common needs"),

	// Progress.
	"progress.counts": lang.T("%d passées, %d en échec, %d en erreur", "%d passed, %d failed, %d errors"),
	"progress.line":   lang.T("%s : %s sur %s (%d %%) : %s", "%s: %s of %s (%d %%): %s"),

	// Compare.
	"compare.title":     lang.T("Comparaison de %s campagnes", "Comparison of %s runs"),
	"compare.same":      lang.T("Même catalogue : %s", "Same catalogue: %s"),
	"compare.differ":    lang.T("CATALOGUES DIFFÉRENTS : les scores ne se comparent pas, et une cible de même nom peut exiger autre chose.", "DIFFERENT CATALOGUES: scores can't be compared, and a target of the same name may require something else."),
	"compare.only":      lang.T("Cibles de %s seulement : %s", "Targets of %s only: %s"),
	"compare.changed":   lang.T("Cibles dont les exigences diffèrent : %s", "Targets whose requirements differ: %s"),
	"compare.described": lang.T("Sa description a changé entre les campagnes : %s.", "Its description changed between the runs: %s."),
	"compare.targets":   lang.T("Verdicts qui changent", "Verdicts that change"),
	"compare.checks":    lang.T("Vérifications qui changent d'état", "Checks whose state changes"),
	"compare.nothing":   lang.T("Aucun verdict et aucun état ne change.", "No verdict and no state changes."),
	"compare.absent":    lang.T("absente", "absent"),
	"compare.across":    lang.T("Offres côte à côte, dans leur dernière campagne donnée", "Offers side by side, in the last given run of each"),
	"compare.none":      lang.T("Aucune campagne à comparer.", "No run to compare."),
	"compare.in":        lang.T("campagne %s", "run %s"),
}
