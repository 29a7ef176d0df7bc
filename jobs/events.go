package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// The types of events.
const (
	StateEvent    = "state"    // the job is in another state
	LogEvent      = "log"      // a line for people
	NoticeEvent   = "notice"   // a line for people, about something to know
	OutputEvent   = "output"   // a file was made
	TextEvent     = "text"     // a piece of a text, as it is written
	RunEvent      = "run"      // the run that is trained has a name
	FoundEvent    = "found"    // the result
	ProgressEvent = "progress" // how far it has come; not kept
)

// An Event is something that happened to a job.
type Event struct {
	// ID counts up within a job, not always by one; 0 of progress, which is not kept.
	ID   int64           `json:"id"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

const (
	// mostEvents is how many events of a job are kept.
	mostEvents = 20_000
	// perAttempt is how many numbers of events each attempt has for itself: those that a kill
	// lost are not given again.
	perAttempt = 1 << 32
	// flushEvery is how long an event is not yet on the disk.
	flushEvery = 250 * time.Millisecond
	// textEvery is how often a text is told as it is written.
	textEvery = 50 * time.Millisecond
	// progressEvery is how often progress is told at most.
	progressEvery = 200 * time.Millisecond
)

// A stream is the events of a job that somebody follows, or that is being done.
type stream struct {
	mu      sync.Mutex
	events  []Event
	kept    int // events on the disk
	next    int64
	latest  *Event // progress
	changed chan struct{}
	over    bool // no more will come
	failed  bool // it could not be loaded
	users   int  // guarded by the queue
}

// say adds an event, or takes the place of the last progress.
func (s *stream) say(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.Type == ProgressEvent:
		s.latest = &e
	case len(s.events) >= mostEvents && e.Type != StateEvent:
		return
	default:
		e.ID = s.next
		s.next++
		s.events = append(s.events, e)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// after are the events after an id, the progress that was told since, and what closes when there
// is more.
func (s *stream) after(id int64) (events []Event, latest *Event, changed <-chan struct{}, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := len(s.events)
	for at > 0 && s.events[at-1].ID > id {
		at--
	}
	return s.events[at:len(s.events):len(s.events)], s.latest, s.changed, s.over
}

// unkept are the events that are not on the disk yet; with them all of so many are.
func (s *stream) unkept() (events []Event, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events[s.kept:len(s.events):len(s.events)], len(s.events)
}

// keep says that so many events are on the disk.
func (s *stream) keep(n int) { s.mu.Lock(); s.kept = max(s.kept, n); s.mu.Unlock() }

// hold returns the stream of a job, with the events that are on the disk; its user calls release.
func (q *Queue) hold(id int64) (*stream, error) {
	for {
		q.mu.Lock()
		s := q.streams[id]
		if s != nil {
			s.users++
			q.mu.Unlock()
			s.mu.Lock() // until it is loaded
			failed := s.failed
			s.mu.Unlock()
			if failed {
				continue
			}
			return s, nil
		}
		// A stream is found by others before it is loaded, and they wait for that: what happens to
		// the job meanwhile is told to this stream, not to none.
		s = &stream{changed: make(chan struct{}), users: 1}
		s.mu.Lock()
		q.streams[id] = s
		q.mu.Unlock()
		err := q.load(id, s)
		if s.failed = err != nil; s.failed {
			q.mu.Lock()
			delete(q.streams, id)
			q.mu.Unlock()
		}
		s.mu.Unlock()
		return s, err
	}
}

// load reads what is known of a job into its stream, which its caller has locked.
func (q *Queue) load(id int64, s *stream) error {
	j, err := q.Get(context.Background(), id) // others wait for it too
	if err != nil {
		return err
	}
	if s.events, err = q.kept(context.Background(), id); err != nil {
		return err
	}
	s.next, s.over, s.kept = j.firstEvent(), j.State.Final(), len(s.events)
	if s.kept > 0 {
		s.next = max(s.next, s.events[s.kept-1].ID+1)
	}
	return nil
}

// firstEvent is the number of the first event of an attempt.
func (j Job) firstEvent() int64 { return int64(j.Attempt)*perAttempt + 1 }

// release ends a use of a stream.
func (q *Queue) release(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.streams[id]; s != nil {
		if s.users--; s.users == 0 {
			delete(q.streams, id)
		}
	}
}

// kept are the events of a job that are on the disk.
func (q *Queue) kept(ctx context.Context, id int64) ([]Event, error) {
	rows, err := q.does.kept.QueryContext(ctx, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Event
	for rows.Next() {
		var e Event
		var data []byte
		if err := rows.Scan(&e.ID, &e.Type, &data); err != nil {
			return nil, err
		}
		e.Data = data
		all = append(all, e)
	}
	return all, rows.Err()
}

// tell adds an event of a job that is not being done, and keeps it.
func (q *Queue) tell(id int64, kind string, data any) error {
	s, err := q.hold(id)
	if err != nil {
		return err
	}
	defer q.release(id)
	s.say(eventOf(kind, data))
	return q.flush(id, s, nil)
}

func eventOf(kind string, data any) Event {
	text, err := json.Marshal(data)
	if err != nil {
		text, _ = json.Marshal(fmt.Sprint(data))
	}
	return Event{Type: kind, Data: text}
}

// flush keeps the events of a stream, with another change if there is one.
func (q *Queue) flush(id int64, s *stream, also func(*sql.Tx) error) error {
	events, all := s.unkept()
	if len(events) == 0 && also == nil {
		return nil
	}
	err := q.ledger.Change(func(tx *sql.Tx) error {
		for _, e := range events {
			if _, err := tx.Stmt(q.does.event).Exec(id, e.ID, e.Type, []byte(e.Data)); err != nil {
				return err
			}
		}
		if also != nil {
			return also(tx)
		}
		return nil
	})
	if err == nil {
		s.keep(all)
	}
	return err
}

// endStream tells those who follow a job that no more will come.
func (q *Queue) endStream(id int64) {
	q.mu.Lock()
	s := q.streams[id]
	q.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.over = true
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// Follow calls a function with the events of a job after an id, 0 for all, as they come, until
// the job is over, ctx ends, or the function returns an error. An empty event is a sign of life,
// every so often.
func (q *Queue) Follow(ctx context.Context, id, after int64, alive time.Duration, tell func(Event) error) error {
	s, err := q.hold(id)
	if err != nil {
		return err
	}
	defer q.release(id)
	tick := time.NewTicker(alive)
	defer tick.Stop()
	var told *Event // progress
	for {
		events, latest, changed, over := s.after(after)
		for _, e := range events {
			if err := tell(e); err != nil {
				return err
			}
			after = e.ID
		}
		if latest != nil && latest != told && !over {
			told = latest
			if err := tell(*latest); err != nil {
				return err
			}
		}
		if over {
			return nil
		}
		select {
		case <-changed:
		case <-tick.C:
			if err := tell(Event{}); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Last is the id of the last event of a job that is on the disk, 0 if there is none.
func (q *Queue) Last(ctx context.Context, id int64) (last int64, err error) {
	err = q.ledger.Read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM events WHERE job = ?", id).Scan(&last)
	return last, err
}
