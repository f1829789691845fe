package report

import "aloi.dev/internal/lang"

// peopleWords are those of what people find, answer and except.
var peopleWords = map[string]lang.Text{
	"remarks":       lang.T("Réponses et dérogations", "Answers and exceptions"),
	"remarks.count": lang.T("Ni une réponse ni une dérogation ne change un résultat, un verdict ou un score.", "Neither an answer nor an exception changes a result, a verdict or a score."),
	"rerun":         lang.T("NOUVELLE EXÉCUTION", "RE-RUN"),
	"rerun.of":      lang.T("Vérifications de la campagne %s (%s) refaites avec la même graine, à la demande du fournisseur.", "Checks of the run %s (%s) measured again with the same seed, as the provider asked."),

	"finding.title":       lang.T("%s : constats", "%s: findings"),
	"finding.state":       lang.T("État du constat", "State of the finding"),
	"finding.answer":      lang.T("Réponse", "Answer"),
	"finding.note":        lang.T("Note", "Note"),
	"finding.observed":    lang.T("Observé", "Observed"),
	"finding.by":          lang.T("le %s par %s", "on %s by %s"),
	"finding.approved":    lang.T("Approuvé par", "Approved by"),
	"finding.nobody":      lang.T("personne encore", "nobody yet"),
	"finding.until":       lang.T("Valable jusqu'au", "Valid until"),
	"finding.evidence":    lang.T("Pièce", "Evidence"),
	"finding.is.approved": lang.T("approuvé", "approved"),
	"finding.is.awaiting": lang.T("en attente d'approbation", "awaiting approval"),
	"finding.awaiting.of": lang.T("en attente d'approbation (%d sur %d)", "awaiting approval (%d of %d)"),
	"finding.is.expired":  lang.T("périmé", "expired"),
	"finding.is.early":    lang.T("postérieur à la décision", "after the decision"),
	"finding.is.void":     lang.T("sans effet : la question a changé", "void: the question has changed"),
}
