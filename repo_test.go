package dynarepo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"time"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/table"
)

// This file is the tour: a tracker of tickets from its declaration to its first
// migration, through the public API alone. The guides in docs quote it.

// A Ticket is one item. Its partition is a board of a team, and it stands there
// by its number.
type Ticket struct {
	Team    string    `dynamodbav:"team"`
	Board   int64     `dynamodbav:"board"`
	Number  int       `dynamodbav:"number"`
	Title   string    `dynamodbav:"title"`
	Owner   string    `dynamodbav:"owner,omitempty"`
	Points  int       `dynamodbav:"points"`
	Opened  time.Time `dynamodbav:"opened"`
	Version int64     `dynamodbav:"version"`
}

// Typed attributes: a rename is the compiler's business, and so is the type.
var (
	ticketNumber = cond.Field(func(t *Ticket) *int { return &t.Number })
	ticketTitle  = cond.Field(func(t *Ticket) *string { return &t.Title })
	ticketOwner  = cond.Field(func(t *Ticket) *string { return &t.Owner })
	ticketPoints = cond.Field(func(t *Ticket) *int { return &t.Points })
)

var ticketSpec = repo.Spec{
	Table: "tickets",
	Key: key.Spec{
		Hash:  key.Composite("id", key.String("team"), key.Int("board")), // stored as "core|1"
		Range: key.Int("number"),
	},
	Indexes: []index.Spec{
		index.Global("owner_idx", key.String("owner"), key.Number("points")), // sparse: without an owner, not in it
		index.Global("team_idx", key.Multi(key.String("team"), key.String("owner")), key.Number("points")).KeysOnly(),
	},
	Lock:       lock.Version("version"),
	Timestamps: repo.Timestamps{Created: "opened"},
	OnDemand:   true,
}

// A Member has an address that nobody else has, and any number of teams.
type Member struct {
	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email"`
	Done  int    `dynamodbav:"done"`
}

var (
	memberEmail = cond.Field(func(m *Member) *string { return &m.Email })
	memberDone  = cond.Field(func(m *Member) *int { return &m.Done })
)

var memberSpec = repo.Spec{
	Table:    "members",
	Key:      key.Spec{Hash: key.String("id")},
	Unique:   []repo.Unique{repo.UniqueOn(memberEmail)},
	OnDemand: true,
}

// An Event is a Comment or a Move, and both are in one table.
type Event interface{ Line() string }

// Head is what every event has: the key.
type Head struct {
	Ticket string `dynamodbav:"ticket"`
	At     int64  `dynamodbav:"at"`
}

// A Comment is one kind.
type Comment struct {
	Head
	Text string `dynamodbav:"text"`
}

// Line tells it.
func (c *Comment) Line() string { return "said " + c.Text }

// A Move is another.
type Move struct {
	Head
	To string `dynamodbav:"to"`
}

// Line tells it.
func (m *Move) Line() string { return "moved to " + m.To }

var eventSpec = repo.Spec{
	Table:    "events",
	Key:      key.Spec{Hash: key.String("ticket"), Range: key.Int("at")},
	Kinds:    sti.Kinds("type", sti.Of[Comment]("comment"), sti.Of[Move]("move")),
	OnDemand: true,
}

// A tracker is a database and its repositories.
type tracker struct {
	db      *repo.DB
	tickets *repo.Repo[Ticket]
	members *repo.Repo[Member]
	events  *repo.Repo[Event]
}

// fromEnv opens the database that the environment names.
func fromEnv(ctx context.Context) error {
	cfg, err := repo.ConfigFromEnv()
	if err != nil {
		return err // names each variable that is wrong, and no value
	}
	db, err := repo.Open(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Println("opened:", db != nil)
	return nil
}

// openTracker checks the declarations and sends nothing.
func openTracker(ctx context.Context) (*tracker, error) {
	db, err := repo.Open(ctx, &repo.Config{
		Namespace:  "tour", // the table is tour_tickets
		Endpoint:   endpoint,
		CursorKeys: [][]byte{[]byte("sixteen bytes or more")},
	})
	if err != nil {
		return nil, err
	}
	t := &tracker{db: db}
	var faults [3]error
	t.tickets, faults[0] = repo.New[Ticket](db, ticketSpec)
	t.members, faults[1] = repo.New[Member](db, memberSpec)
	t.events, faults[2] = repo.New[Event](db, eventSpec)
	return t, errors.Join(faults[:]...)
}

// tables makes the tables and waits for them.
func (t *tracker) tables(ctx context.Context) error {
	for _, m := range []table.Model{t.tickets, t.members, t.events} {
		if _, err := table.Create(ctx, m, nil); err != nil {
			return err
		}
	}
	return nil
}

// fill opens twelve tickets, all or none, in one TransactWriteItems.
func (t *tracker) fill(ctx context.Context) error {
	var ops []repo.Op
	for i := range 12 {
		ticket := Ticket{Team: "core", Board: 1, Number: i + 1, Title: fmt.Sprint("ticket ", i+1), Points: i % 4}
		if i%3 == 0 {
			ticket.Owner = "ada"
		}
		ops = append(ops, t.tickets.Ops().Create(&ticket))
	}
	return t.db.Transact(ctx, ops...)
}

// byKey reads and writes one item: a request each.
func (t *tracker) byKey(ctx context.Context) error {
	k := key.Of("core", 1).Range(3)
	ticket, err := t.tickets.Get(ctx, k)
	if err != nil {
		return err
	}
	fmt.Println(ticket.Title, "has", ticket.Points, "points")
	_, err = t.tickets.Get(ctx, key.Of("core", 1).Range(99))
	fmt.Println("not there:", errors.Is(err, repo.ErrNotFound))
	ticket, err = t.tickets.Update(ctx, k, ticketTitle.Set("third"), ticketPoints.Add(2))
	if err != nil {
		return err
	}
	fmt.Println(ticket.Title, "has", ticket.Points, "points")
	err = t.tickets.Create(ctx, &Ticket{Team: "core", Board: 1, Number: 3})
	fmt.Println("there already:", errors.Is(err, repo.ErrExists))
	return nil
}

// queries are values; conditions choose the request.
func (t *tracker) queries(ctx context.Context) error {
	board := t.tickets.Query(key.Of("core", 1))
	for ticket, err := range board.Where(ticketNumber.Between(4, 6)).Descending().All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(ticket.Number, ticket.Title)
	}
	plan, err := t.tickets.Where(ticketOwner.Eq("ada"), ticketPoints.Gt(1)).Plan()
	if err != nil {
		return err
	}
	fmt.Println(plan)
	return nil
}

// limits are three: of records, of items evaluated, of a page.
func (t *tracker) limits(ctx context.Context) error {
	board := t.tickets.Query(key.Of("core", 1))
	for _, q := range []repo.Query[Ticket]{
		board.RecordLimit(10),
		board.RecordLimit(10).BatchSize(4),
		board.ScanLimit(5).Where(ticketOwner.Eq("ada")),
	} {
		metered, meter := repo.WithMeter(ctx)
		tickets, err := q.Collect(metered)
		if err != nil {
			return err
		}
		s := meter.Stats()
		fmt.Println(len(tickets), "tickets,", s.Evaluated, "evaluated,", s.Requests, "requests")
	}
	return nil
}

// page is what a handler of GET /tickets?page=TOKEN does: one page, and the
// token of the next, "" after the last.
func (t *tracker) page(ctx context.Context, token string) (tickets []Ticket, next string, err error) {
	at, err := dyniter.ParseCursor(token)
	if err != nil {
		return nil, "", err
	}
	q := t.tickets.Query(key.Of("core", 1)).From(at).RecordLimit(5)
	for page, err := range q.Pages(ctx) {
		if err != nil {
			return nil, "", err
		}
		tickets = append(tickets, page.Items...)
		next = page.Cursor.String()
	}
	return tickets, next, nil
}

// cursors go from page to page, and refuse what was tampered with.
func (t *tracker) cursors(ctx context.Context) error {
	for token := ""; ; {
		tickets, next, err := t.page(ctx, token)
		if err != nil {
			return err
		}
		fmt.Println("a page of", len(tickets))
		if next == "" {
			break
		}
		token = next
	}
	_, _, err := t.page(ctx, "bm90IG91cnM")
	fmt.Println("refused:", errors.Is(err, dyniter.ErrCursor))
	return t.resume(ctx)
}

// resume leaves loops over a parallel scan in the middle and goes on.
func (t *tracker) resume(ctx context.Context) error {
	seen := map[int]int{}
	var at dyniter.Cursor // or of dyniter.ParseCursor
	scan := t.tickets.Scan().Segments(4).Prefetch(2)
	for loops := 0; loops == 0 || !at.IsZero(); loops++ {
		for ticket, err := range scan.Resume(&at).All(ctx) {
			if err != nil {
				return err
			}
			if seen[ticket.Number]++; len(seen)%5 == 0 {
				break // at is behind this ticket, in its segment
			}
		}
	}
	fmt.Println("seen:", len(seen), "most often:", slices.Max(slices.Collect(maps.Values(seen))))
	return nil
}

// locks keep one writer from undoing another.
func (t *tracker) locks(ctx context.Context) error {
	k := key.Of("core", 1).Range(1)
	mine, err := t.tickets.Get(ctx, k)
	if err != nil {
		return err
	}
	theirs := mine
	theirs.Title = "theirs"
	if err := t.tickets.Save(ctx, &theirs); err != nil {
		return err
	}
	mine.Points = 8
	err = t.tickets.Save(ctx, &mine)
	fmt.Println("came too late:", errors.Is(err, lock.ErrStale))
	return lock.Retry(ctx, 3, func(ctx context.Context) error {
		ticket, err := t.tickets.Get(ctx, k)
		if err != nil {
			return err
		}
		ticket.Points = 8
		return t.tickets.Save(ctx, &ticket)
	})
}

// uniques keep an address with one member, in one transaction with the write.
func (t *tracker) uniques(ctx context.Context) error {
	if err := t.members.Create(ctx, &Member{ID: "ada", Email: "ada@example.com"}); err != nil {
		return err
	}
	err := t.members.Create(ctx, &Member{ID: "eve", Email: "ada@example.com"})
	fmt.Println("taken:", errors.Is(err, repo.ErrUnique))
	return nil
}

// transactions do all or nothing, over any repositories.
func (t *tracker) transactions(ctx context.Context) error {
	done := func() error {
		return t.db.Transact(ctx,
			t.tickets.Ops().Check(key.Of("core", 1).Range(1), ticketOwner.Eq("ada")),
			t.tickets.Ops().Delete(key.Of("core", 1).Range(2)),
			t.members.Ops().Update(key.Of("ada"), memberDone.Add(1)),
		)
	}
	if err := done(); err != nil {
		return err
	}
	if _, err := t.tickets.Update(ctx, key.Of("core", 1).Range(1), ticketOwner.Set("eve")); err != nil {
		return err
	}
	var failed *repo.TransactError
	if err := done(); errors.As(err, &failed) {
		fmt.Println("condition failed:", errors.Is(err, repo.ErrConditionFailed))
	}
	ada, err := t.members.Get(ctx, key.Of("ada"))
	fmt.Println("done by ada:", ada.Done)
	return err
}

// kinds come back as what they are.
func (t *tracker) kinds(ctx context.Context) error {
	head := func(at int64) Head { return Head{Ticket: "core/1/1", At: at} }
	for _, e := range []Event{&Comment{head(1), "hello"}, &Move{head(2), "done"}, &Comment{head(3), "bye"}} {
		if err := t.events.Create(ctx, &e); err != nil {
			return err
		}
	}
	for e, err := range t.events.Query(key.Of("core/1/1")).All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(e.Line())
	}
	comments, err := sti.View[Comment](t.events)
	if err != nil {
		return err
	}
	n, err := comments.Query(key.Of("core/1/1")).Count(ctx)
	fmt.Println(n, "comments")
	return err
}

// relations find what belongs together: here by an index, with the key at one
// end alone.
func (t *tracker) relations(ctx context.Context) error {
	ticketsOf, err := assoc.HasMany(assoc.Bare(t.members), assoc.Keep(t.tickets, ticketOwner))
	if err != nil {
		return err
	}
	ada, err := t.members.Get(ctx, key.Of("ada"))
	if err != nil {
		return err
	}
	n := 0
	for _, err := range ticketsOf.Of(&ada).All(ctx) {
		if err != nil {
			return err
		}
		n++
	}
	fmt.Println("ada has", n, "tickets")
	return nil
}

// migrations run once, whoever starts them, and go on where they were stopped.
func (t *tracker) migrations(ctx context.Context) error {
	set := migrate.NewSet(migrate.Migration{
		ID: "20270101090000", Name: "no_ticket_without_points",
		Up: func(ctx context.Context, c *migrate.Context) error {
			_, err := migrate.Backfill(ctx, c, t.tickets, func(_ context.Context, ticket Ticket) ([]cond.Change[Ticket], error) {
				if ticket.Points > 0 {
					return nil, nil
				}
				return []cond.Change[Ticket]{ticketPoints.Set(1)}, nil
			}, nil)
			return err
		},
	})
	m, err := migrate.New(t.db, set, nil)
	if err != nil {
		return err
	}
	for range 2 {
		done, err := m.Up(ctx)
		if err != nil {
			return err
		}
		fmt.Println("migrations run:", len(done))
	}
	n, err := t.tickets.Scan().Where(ticketPoints.Eq(0)).Count(ctx)
	fmt.Println("tickets without points:", n)
	return err
}

func Example_tour() {
	ctx := context.Background()
	t, err := openTracker(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, chapter := range []func(context.Context) error{
		fromEnv, t.tables, t.fill, t.byKey, t.queries, t.limits, t.cursors, t.locks, t.uniques, t.transactions, t.kinds, t.relations, t.migrations,
	} {
		if err := chapter(ctx); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// opened: true
	// ticket 3 has 2 points
	// not there: true
	// third has 4 points
	// there already: true
	// 6 ticket 6
	// 5 ticket 5
	// 4 ticket 4
	// Query of tour_tickets, index owner_idx
	// because:     global index with its hash key and a condition on its sort key
	// key:         owner = ? and points > ?
	// projection:  all attributes
	// cost:        reads a range of one partition of index owner_idx
	// 10 tickets, 10 evaluated, 1 requests
	// 10 tickets, 10 evaluated, 3 requests
	// 2 tickets, 5 evaluated, 1 requests
	// a page of 5
	// a page of 5
	// a page of 2
	// refused: true
	// seen: 12 most often: 1
	// came too late: true
	// taken: true
	// condition failed: true
	// done by ada: 1
	// said hello
	// moved to done
	// said bye
	// 2 comments
	// ada has 3 tickets
	// migrations run: 1
	// migrations run: 0
	// tickets without points: 0
}
