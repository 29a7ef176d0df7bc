package server

import (
	"encoding/json"
	"net/http"

	"atelier/jobs"
)

// Say has what people read said in the language of a request, by a function: the details of problems,
// and the problems, notices and progress of jobs. Without it they are in English.
func (s *Server) Say(in func(r *http.Request, text string) string) { s.say = in }

// said is a text in the language of a request.
func (s *Server) said(r *http.Request, text string) string {
	if s.say == nil || text == "" {
		return text
	}
	return s.say(r, text)
}

// told is a job as it is told to who sent a request.
func (s *Server) told(r *http.Request, j jobs.Job) jobs.Job {
	if j.Problem != nil {
		p := *j.Problem
		p.Message = s.said(r, p.Message)
		j.Problem = &p
	}
	if j.Progress != nil {
		p := *j.Progress
		p.Work = s.said(r, p.Work)
		j.Progress = &p
	}
	return j
}

// toldEvent is an event as it is told to who sent a request.
func (s *Server) toldEvent(r *http.Request, e jobs.Event) jobs.Event {
	switch e.Type {
	case jobs.LogEvent, jobs.NoticeEvent:
		var line string
		if json.Unmarshal(e.Data, &line) == nil {
			e.Data = marshal(s.said(r, line))
		}
	case jobs.ProgressEvent:
		var p jobs.Progress
		if json.Unmarshal(e.Data, &p) == nil && p.Work != "" {
			p.Work = s.said(r, p.Work)
			e.Data = marshal(p)
		}
	}
	return e
}
