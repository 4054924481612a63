package modeltest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/dynarepo/dynarepo/modeltest/internal/model"
)

var ctx = context.Background()

// A core is what all items of the tests have.
type core struct {
	N       int64     `dynamodbav:"n"`
	Note    string    `dynamodbav:"note"`
	Email   string    `dynamodbav:"email,omitempty"`
	Room    string    `dynamodbav:"room"`
	Seat    int64     `dynamodbav:"seat"`
	Tags    []string  `dynamodbav:"tags,stringset"`
	List    []string  `dynamodbav:"list"`
	Version int64     `dynamodbav:"version"`
	End     int64     `dynamodbav:"end,omitempty"`
	Created time.Time `dynamodbav:"created"`
	Updated time.Time `dynamodbav:"updated"`
	Seen    time.Time `dynamodbav:"seen"`
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instant(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

func coreOf(it model.Item) core {
	it = it.Clone()
	return core{
		N: it.N, Note: it.Note, Email: it.Email, Room: it.Room, Seat: it.Seat, Tags: it.Tags, List: it.List,
		Version: it.Version, End: it.End, Created: instant(it.Created), Updated: instant(it.Updated), Seen: instant(it.Seen),
	}
}

func (c core) item() model.Item {
	return model.Item{
		N: c.N, Note: c.Note, Email: c.Email, Room: c.Room, Seat: c.Seat, Tags: c.Tags, List: c.List,
		Version: c.Version, End: c.End, Created: nanos(c.Created), Updated: nanos(c.Updated), Seen: nanos(c.Seen),
	}.Clone()
}

var errBad = errors.New("a bad number")

// Validate refuses a number.
func (c *core) Validate(context.Context) error {
	if c.N == model.Bad {
		return errBad
	}
	return nil
}

// A note has its ID for a hash key.
type note struct {
	core

	ID string `dynamodbav:"id"`
}

func noteOf(it model.Item) *note  { return &note{core: coreOf(it), ID: it.ID} }
func (n *note) model() model.Item { return withID(n.item(), n.ID) }
func withID(it model.Item, id string) model.Item {
	it.ID = id
	return it
}

// A line has a hash key that others have too.
type line struct {
	core

	Part string `dynamodbav:"part"`
	ID   string `dynamodbav:"id"`
}

const part = "p"

func lineOf(it model.Item) *line  { return &line{core: coreOf(it), Part: part, ID: it.ID} }
func (l *line) model() model.Item { return withID(l.item(), l.ID) }

// A desk has composite keys: its ID is a letter and a digit.
type desk struct {
	core

	City string `dynamodbav:"city"`
	Team string `dynamodbav:"team"`
	Num  int64  `dynamodbav:"num"`
}

func deskOf(it model.Item) *desk {
	d := &desk{core: coreOf(it), City: part}
	if it.ID != "" {
		d.Team, d.Num = it.ID[:1], number(it.ID[1:])
	}
	return d
}

func (d *desk) model() model.Item {
	if d.Team == "" {
		return d.item()
	}
	return withID(d.item(), d.Team+strconv.FormatInt(d.Num, 10))
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err) // of a test's own ID
	}
	return n
}

// ids are those of the items of a program.
var ids = []string{"a1", "a2", "b1", "b2", "c1"}
