package evidence

import (
	"golang.org/x/mod/sumdb/tlog"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// log wants the envelope to be in the log of its signer, and that log to be the
// one that is known.
func (v *verifier) log() error {
	text, err := v.read(logFile)
	if err != nil {
		return err
	}
	if v.Logged, err = proof.ParseLogProof(text); err != nil {
		return damaged(logFile, err)
	}
	if err := v.Logged.Includes(entryOf(v.envelope)); err != nil {
		return refused(lang.T("la déclaration n'est pas dans le journal", "the statement is not in the log"), err)
	}
	c := v.Logged.Checkpoint
	if _, err := c.Verify(v.trust.Ring); err != nil && (!v.trust.Anyone || !v.Signer.Key.IsZero()) {
		return refused(lang.T("le point de contrôle du journal n'est pas signé par une clé de confiance", "the checkpoint of the log is not signed by a trusted key"), err)
	}
	v.holds("inscrite au journal %s, entrée %d", "entered in the log %s, entry %d", c.Origin, v.Logged.Index)
	return v.consistent(c)
}

func (v *verifier) consistent(c proof.Checkpoint) error {
	if v.trust.Known == nil {
		v.Not = append(v.Not, lang.T("cohérence avec le journal publié : non vérifiée (--checkpoint FICHIER)", "consistency with the published log: not checked (--checkpoint FILE)"))
		return nil
	}
	known := *v.trust.Known
	if _, err := known.Verify(v.trust.Ring); err != nil {
		return refused(lang.T("le point de contrôle connu n'est pas signé par une clé de confiance", "the known checkpoint is not signed by a trusted key"), err)
	}
	path, err := v.path(c, known)
	if err != nil {
		return err
	}
	if err := proof.Consistent(c, known, path); err != nil {
		return refused(lang.T("le journal n'est pas celui qui est connu", "the log is not the one that is known"), err)
	}
	v.holds("cohérent avec le point de contrôle de %d entrées", "consistent with the checkpoint of %d entries", known.Size)
	return nil
}

// path proves that the larger of two checkpoints adds to the smaller. Only the
// tiles of the published log can: a bundle knows its own entry.
func (v *verifier) path(c, known proof.Checkpoint) (tlog.TreeProof, error) {
	if c.Size == known.Size || c.Origin != known.Origin {
		return nil, nil
	}
	larger, smaller := known, c
	if c.Size > known.Size {
		larger, smaller = c, known
	}
	if v.trust.Tiles == nil {
		return nil, refused(lang.T("le point de contrôle connu a %d entrées, celui du dossier %d : il faut les tuiles du journal publié, à côté du point de contrôle",
			"the known checkpoint has %d entries, the bundle's %d: the tiles of the published log are needed, beside the checkpoint", known.Size, c.Size), nil)
	}
	path, err := proof.ProveConsistency(v.trust.Tiles, larger, smaller.Size)
	if err != nil {
		return nil, refused(lang.T("les tuiles du journal publié ne mènent pas du point de contrôle de %d entrées à celui de %d : journal incomplet ou bifurqué",
			"the tiles of the published log don't lead from the checkpoint of %d entries to that of %d: the log is incomplete or forked", smaller.Size, larger.Size), err)
	}
	return path, nil
}
