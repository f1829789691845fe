package report

import (
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/lang"
)

// remark is what people say beside a check or a target: an answer, an exception.
// It changes no state and no verdict.
type remark struct {
	Offer string
	Text  string
}

// onCheck lists what was said about a check.
func (v View) onCheck(check string) []remarkOn {
	var list []remarkOn
	for _, a := range v.Answers {
		if a.Check == check {
			list = append(list, remarkOn{a.Offer, a.Text()})
		}
	}
	return append(list, v.excepted(func(x *evidence.Exception) bool { return x.CoversCheck(check) })...)
}

// onTarget lists the exceptions that name a target.
func (v View) onTarget(target catalogue.TargetID) []remarkOn {
	return v.excepted(func(x *evidence.Exception) bool { return x.CoversTarget(target) })
}

func (v View) excepted(covers func(*evidence.Exception) bool) []remarkOn {
	var list []remarkOn
	for i := range v.Exceptions {
		if x := &v.Exceptions[i]; covers(&x.Exception) {
			list = append(list, remarkOn{x.Offer, x.Said})
		}
	}
	return list
}

// remarkOn is a remark before it is worded.
type remarkOn struct {
	offer catalogue.OfferID
	said  lang.Text
}

func (b *builder) remarks(list []remarkOn) []remark {
	var out []remark
	for _, r := range list {
		out = append(out, remark{b.view.name(r.offer), b.say(r.said)})
	}
	return out
}

// remarks writes the answers and the exceptions.
func (s *screen) remarks(v View) {
	if len(v.Answers)+len(v.Exceptions) == 0 {
		return
	}
	s.title(s.word("remarks"))
	for _, a := range v.Answers {
		s.para(2, 4, "", line(s.say(a.Text())))
	}
	for _, x := range v.Exceptions {
		scope := make([]string, len(x.Scope))
		for i, name := range x.Scope {
			scope[i] = line(name)
		}
		s.para(2, 4, "", s.word("pair", line(v.name(x.Offer))+", "+s.list(scope), line(s.say(x.Said))))
	}
	s.para(2, 0, dim, s.word("remarks.count"))
}

// rerun says of which run this one repeats checks; empty when it is a first run.
func (p printer) rerun(r *evidence.Record) string {
	if r.Plan.Rerun == nil {
		return ""
	}
	return p.word("rerun.of", line(r.Plan.Rerun.Run), short(r.Plan.Rerun.Of))
}
