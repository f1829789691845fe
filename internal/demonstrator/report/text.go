package report

import (
	"fmt"

	"aloi.dev/internal/lang"
)

// words holds every text of the reports that is not data. A key without words
// is a defect, which the tests find.
var words = joined(pageWords, moreWords, compareWords, peopleWords, loadWords)

// pageWords are those of the page, up to its checks.
var pageWords = map[string]lang.Text{
	// The page.
	"title":          lang.T("Rapport de mesure", "Measurement report"),
	"skip":           lang.T("Aller au contenu", "Skip to the content"),
	"tagline":        lang.T("ce qui est affirmé se mesure, chacun peut vérifier la mesure", "claims are measured, and anyone can check the measurement"),
	"contents":       lang.T("Sommaire", "Contents"),
	"top":            lang.T("Haut de page", "Top of the page"),
	"measured":       lang.T("Mesuré", "Measured"),
	"made-from":      lang.T("Campagne exécutée depuis %s/%s, aloi %s.", "Run made from %s/%s, aloi %s."),
	"made-by":        lang.T("Cette page n'est pas signée : elle dit ce qui a été mesuré, pas qui l'a lancé.", "This page isn't signed: it says what was measured, not who started it."),
	"complete":       lang.T("Campagne complète", "Complete run"),
	"incomplete":     lang.T("CAMPAGNE INCOMPLÈTE", "INCOMPLETE RUN"),
	"incomplete.is":  lang.T("Ce qui n'a pas été exécuté ne compte jamais comme passé.", "What did not run never counts as passed."),
	"killed":         lang.T("Le processus s'est arrêté sans conclure.", "The process ended without concluding."),
	"no-reason":      lang.T("Aucune raison n'a été consignée.", "No reason was recorded."),
	"selection":      lang.T("SÉLECTION PARTIELLE", "PARTIAL SELECTION"),
	"selection.is":   lang.T("Vérifications retenues : %s. Les autres ne sont pas exécutées et ne comptent jamais comme passées.", "Checks selected: %s. The others did not run and never count as passed."),
	"selection.cls":  lang.T("classe %s", "class %s"),
	"selection.nol":  lang.T("sans charge", "no load"),
	"left":           lang.T("RESSOURCES NON EFFACÉES", "RESOURCES NOT DELETED"),
	"left.one":       lang.T("%s ressource créée par la campagne n'a pas pu être effacée : lancer « aloi sweep » sur le dossier de la campagne.", "%s resource created by the run could not be deleted: run `aloi sweep` on the run folder."),
	"left.many":      lang.T("%s ressources créées par la campagne n'ont pas pu être effacées : lancer « aloi sweep » sur le dossier de la campagne.", "%s resources created by the run could not be deleted: run `aloi sweep` on the run folder."),
	"run":            lang.T("Campagne", "Run"),
	"when":           lang.T("Début", "Started"),
	"ended":          lang.T("Fin", "Ended"),
	"catalogue":      lang.T("Empreinte du catalogue", "Catalogue digest"),
	"tool":           lang.T("Outil", "Tool"),
	"tool.is":        lang.T("aloi %s, %s/%s, %s", "aloi %s, %s/%s, %s"),
	"cpus.one":       lang.T("%s processeur", "%s processor"),
	"cpus.many":      lang.T("%s processeurs", "%s processors"),
	"binary":         lang.T("Empreinte du programme", "Digest of the program"),
	"seed":           lang.T("Graine de l'ordre", "Seed of the order"),
	"parallel":       lang.T("Vérifications simultanées", "Checks at once"),
	"offers":         lang.T("Offres mesurées", "Measured offers"),
	"offers.caption": lang.T("Les offres mesurées, telles que leur fichier les décrit", "The measured offers, as their file describes them"),
	"offer":          lang.T("Offre", "Offer"),
	"provider":       lang.T("Fournisseur", "Provider"),
	"region":         lang.T("Région", "Region"),
	"service":        lang.T("Service", "Service"),
	"services":       lang.T("Services", "Services"),
	"claims":         lang.T("Besoins revendiqués", "Needs claimed"),
	"claims.none":    lang.T("aucun", "none"),
	"description":    lang.T("Empreinte de la description", "Digest of the description"),
	"none":           lang.T("aucun", "none"),

	// The cards.
	"cards":                 lang.T("Verdict par offre", "Verdict by offer"),
	"gates":                 lang.T("Cibles éliminatoires", "Gates"),
	"gates.met":             lang.T("Toutes les éliminatoires atteintes", "All gates met"),
	"gates.not-met":         lang.T("Non éligible", "Not eligible"),
	"gates.not-established": lang.T("Non établi", "Not established"),
	"gates.not-evaluated":   lang.T("Non évaluée", "Not evaluated"),
	"gates.none":            lang.T("Aucune cible éliminatoire", "No gate"),
	"gates.of":              lang.T("%s sur %s", "%s of %s"),
	"gates.reached":         lang.T("atteintes", "met"),
	"outside.one":           lang.T("%s autre non évaluée : besoin non revendiqué", "%s more not evaluated: need not claimed"),
	"outside.many":          lang.T("%s autres non évaluées : besoins non revendiqués", "%s more not evaluated: needs not claimed"),
	"missed":                lang.T("Éliminatoires qui manquent", "Gates that are missing"),
	"score":                 lang.T("Score", "Score"),
	"weight-of":             lang.T("poids %d sur %d", "weight %d of %d"),
	"score.unscored":        lang.T("rien n'est noté", "nothing is scored"),
	"tally":                 lang.T("Vérifications", "Checks"),
	"tally.is":              lang.T("passées / exécutées / exigées", "passed / run / required"),
	"tally.long":            lang.T("%s passées, %s exécutées, %s exigées", "%s passed, %s run, %s required"),

	// The targets.
	"targets":         lang.T("Cibles", "Targets"),
	"targets.caption": lang.T("Verdict de chaque cible pour chaque offre, avec les vérifications passées / exécutées / exigées", "Verdict on each target for each offer, with the checks passed / run / required"),
	"targets.hint":    lang.T("Chaque cible s'ouvre sur sa raison d'être, sa source et ses vérifications.", "Each target opens to its why, its source and its checks."),
	"target":          lang.T("Cible", "Target"),
	"need":            lang.T("Besoin", "Need"),
	"gate":            lang.T("éliminatoire", "gate"),
	"weight":          lang.T("poids %d", "weight %d"),
	"value":           lang.T("valeur", "value"),
	"open":            lang.T("Pourquoi et raisons", "Why and reasons"),
	"open.one":        lang.T("Pourquoi, raisons, %s vérification", "Why, reasons, %s check"),
	"open.many":       lang.T("Pourquoi, raisons, %s vérifications", "Why, reasons, %s checks"),
	"open-need":       lang.T("Ce que dit ce besoin", "What this need says"),
	"why":             lang.T("Pourquoi cette cible", "Why this target"),
	"source":          lang.T("Source", "Source"),
	"source.public":   lang.T("source publique", "public source"),
	"source.proposal": lang.T("proposition de ce catalogue", "proposal of this catalogue"),
	"reason":          lang.T("Raison du verdict", "Reason for the verdict"),
	"required":        lang.T("Ce qu'elle exige", "What it requires"),
	"required.none":   lang.T("Aucune vérification automatique.", "No automatic check."),
	"required.load":   lang.T("Une mesure sous charge.", "A measurement under load."),
	"question":        lang.T("Question posée", "Question asked"),
	"bound":           lang.T("Mesure de charge", "Load measurement"),
	"bound.is":        lang.T("%s : %s (%s), à %s requêtes par seconde", "%s: %s %s at %s requests per second"),
	"bound.most":      lang.T("%s, %s au plus", "%s, at most %s"),
	"expressed":       lang.T("Exprimé par", "Expressed by"),
	"priority":        lang.T("Priorité", "Priority"),
	"dated":           lang.T("Date", "Date"),

	"aside.one":          lang.T("%s besoin qu'aucune offre ne revendique", "%s need that no offer claims"),
	"aside.many":         lang.T("%s besoins qu'aucune offre ne revendique", "%s needs that no offer claims"),
	"aside.targets.one":  lang.T("%s cible non évaluée", "%s target not evaluated"),
	"aside.targets.many": lang.T("%s cibles non évaluées", "%s targets not evaluated"),
	"aside.none":         lang.T("aucune cible en vigueur", "no target in force"),

	"priority.essential": lang.T("essentiel", "essential"),
	"priority.important": lang.T("important", "important"),
	"priority.useful":    lang.T("utile", "useful"),

	// The ranking.
	"ranking":         lang.T("Classement", "Ranking"),
	"ranking.caption": lang.T("Classement des offres, sur les besoins communs puis besoin par besoin", "Ranking of the offers, over the common needs and then need by need"),
	"ranking.hint":    lang.T("Deux offres ne se comparent que sur les besoins que toutes deux revendiquent, éliminatoires atteintes, sur le même poids total.", "Two offers are compared only on needs that both claim, with their gates met, over the same total weight."),
	"rank":            lang.T("Rang", "Rank"),
	"rank.none":       lang.T("non classée", "unranked"),
	"rank.tie":        lang.T("ex æquo", "tied"),
	"remark":          lang.T("Remarque", "Remark"),
	"common.one":      lang.T("Sur le seul besoin commun%.0s", "Over the one common need%.0s"),
	"common.many":     lang.T("Sur les %s besoins communs", "Over the %s common needs"),
	"common.none":     lang.T("Aucun besoin n'est revendiqué par toutes les offres : pas de classement d'ensemble.", "No need is claimed by all offers: no overall ranking."),
	"common.single":   lang.T("Une seule offre mesurée : rien à quoi la comparer.", "Only one offer was measured: nothing to compare it with."),
	"unclaimed":       lang.T("Ne s'y positionne pas : %s.", "Doesn't position itself on it: %s."),

	"unranked.not-met":         lang.T("une cible éliminatoire n'est pas atteinte", "a gate is not met"),
	"unranked.not-established": lang.T("une cible éliminatoire n'est pas établie", "a gate is not established"),
	"unranked.not-evaluated":   lang.T("l'offre ne se positionne pas", "the offer doesn't position itself"),
	"unranked.unscored":        lang.T("aucune cible notée : rien à classer", "no scored target: nothing to rank by"),
	"unranked.weight":          lang.T("score établi sur un poids de %d seulement, il en faut %d", "score established over a weight of %d only, of the %d needed"),

	// The checks.
	"checks":          lang.T("Vérifications", "Checks"),
	"checks.caption":  lang.T("Vérifications %s : état pour chaque offre", "Checks %s: state for each offer"),
	"checks.hint":     lang.T("Par groupe : passées / exécutées / prévues. Une vérification sert à plusieurs cibles, ou à aucune ; elle est expliquée ici une seule fois.", "By group: passed / run / planned. A check serves several targets, or none; it is explained here once."),
	"counts.long":     lang.T("%s passées, %s exécutées, %s prévues", "%s passed, %s run, %s planned"),
	"check":           lang.T("Vérification", "Check"),
	"findings":        lang.T("Constats", "Findings"),
	"rule":            lang.T("Règle", "Rule"),
	"identifier":      lang.T("Identifiant", "Identifier"),
	"duration":        lang.T("Durée", "Duration"),
	"used-by":         lang.T("Exigée par", "Required by"),
	"used-by.none":    lang.T("aucune cible décidée", "no decided target"),
	"exchanges":       lang.T("Échanges, secrets masqués", "Exchanges, secrets removed"),
	"exchanges.none":  lang.T("Aucun échange enregistré.", "No exchange was recorded."),
	"exchanges.left":  lang.T("%s échanges en tout, dont les derniers sont montrés ; tous figurent dans results.jsonl, dans le dossier de la campagne.", "%s exchanges in all, of which the last are shown; all are in results.jsonl, in the run folder."),
	"exchanges.print": lang.T("Les échanges s'ouvrent dans la page HTML.", "The exchanges open in the HTML page."),
	"request":         lang.T("Requête", "Request"),
	"response":        lang.T("Réponse", "Response"),
	"no-answer":       lang.T("pas de réponse", "no answer"),
	"answered":        lang.T("répondu", "answered"),
	"bytes":           lang.T("%s octets, début montré", "%s bytes, beginning shown"),
}

func joined(parts ...map[string]lang.Text) map[string]lang.Text {
	all := make(map[string]lang.Text)
	for _, part := range parts {
		for key, text := range part {
			if _, twice := all[key]; twice {
				panic("report: two words for " + key)
			}
			all[key] = text
		}
	}
	return all
}

// wording returns the words of a key with their arguments in place.
func wording(key string, args ...any) lang.Text {
	t, ok := words[key]
	if !ok {
		panic("report: no words for " + key)
	}
	if len(args) == 0 {
		return t
	}
	return lang.Text{FR: fmt.Sprintf(t.FR, args...), EN: fmt.Sprintf(t.EN, args...)}
}
