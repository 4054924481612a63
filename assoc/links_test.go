package assoc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

type student struct {
	ID string `dynamodbav:"student_id"`
}

type course struct {
	ID    string `dynamodbav:"course_id"`
	Title string `dynamodbav:"title"`
}

// An enrolment links a student and a course.
type enrolment struct {
	StudentID string `dynamodbav:"student_id"`
	CourseID  string `dynamodbav:"course_id"`
	Grade     int    `dynamodbav:"grade,omitempty"`
}

var (
	studentID = cond.Field(func(e *enrolment) *string { return &e.StudentID })
	courseID  = cond.Field(func(e *enrolment) *string { return &e.CourseID })
)

func TestLinked(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	students := create[student](t, db, repo.Spec{Table: "students", Key: key.Spec{Hash: key.String("student_id")}})
	courses := create[course](t, db, repo.Spec{Table: "courses", Key: key.Spec{Hash: key.String("course_id")}})
	links := create[enrolment](t, db, repo.Spec{
		Table: "enrolments", Key: key.Spec{Hash: key.String("student_id"), Range: key.String("course_id")},
		Indexes: []index.Spec{index.Global("inverse", key.String("course_id"), key.String("student_id")).KeysOnly()},
	})
	taken, err := assoc.Linked(students, courses, links, studentID, courseID)
	require.NoError(t, err)
	takers, err := taken.Inverse()
	require.NoError(t, err)
	ctx := t.Context()
	people, topics := []student{{"ann"}, {"bob"}}, []course{{ID: "go"}, {ID: "sql"}, {ID: "art"}}
	put(t, students, people...)
	put(t, courses, topics...)
	tr.Reset()

	require.NoError(t, taken.Add(ctx, &people[0], &topics[0], &topics[1]))
	assert.Equal(t, map[string]int{"TransactWriteItems": 1}, tr.Counts())
	require.NoError(t, links.Put(ctx, &enrolment{"bob", "go", 5}), "a link with more in it")
	require.NoError(t, takers.Add(ctx, &topics[0], &people[0], &people[1]), "what is there stays as it is")
	e, err := links.Get(ctx, key.Of("bob").Range("go"))
	require.NoError(t, err)
	assert.Equal(t, 5, e.Grade)

	tr.Reset()
	got, err := taken.Of(&people[0]).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, topics[:2], got)
	back, err := takers.Of(&topics[0]).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, people, back, "by the inverse index")
	assert.Equal(t, map[string]int{"Query": 2, "BatchGetItem": 2}, tr.Counts())

	tr.Reset()
	loaded, err := taken.Load(ctx, people)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"Query": 2, "BatchGetItem": 1}, tr.Counts())
	assert.Equal(t, topics[:1], loaded[1].Items)
	assert.Len(t, loaded[0].Items, 2)

	fresh := course{ID: "new"}
	require.NoError(t, taken.Create(ctx, &people[0], &fresh))
	require.NoError(t, taken.Replace(ctx, &people[0], &fresh, &topics[2]))
	require.NoError(t, courses.Delete(ctx, key.Of("art")))
	var lost []key.Value
	got, err = taken.Of(&people[0]).Missing(&lost).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []course{fresh}, got)
	require.Len(t, lost, 1)
	assert.Equal(t, []any{"art"}, lost[0].HashParts())

	require.NoError(t, taken.Remove(ctx, &people[0], &topics[1]), "not linked")
	require.NoError(t, assoc.Destroy(ctx, students, &people[0], taken))
	n, err := links.Scan().Count(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	require.NoError(t, takers.Clear(ctx, &topics[0]))
	n, err = links.Scan().Count(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
}

// TestAdjacencyList: ends and links in one table, as AWS shows it: an item
// about a student or a course is linked to itself.
func TestAdjacencyList(t *testing.T) {
	t.Parallel()
	db, tr := open(t)
	part := func(attr, kind, id string) key.Part { return key.Composite(attr, key.Literal(kind), key.String(id)) }
	links := create[enrolment](t, db, repo.Spec{
		Table:   "school",
		Key:     key.Spec{Hash: part("pk", "STUDENT", "student_id"), Range: part("sk", "COURSE", "course_id")},
		Indexes: []index.Spec{index.Global("inverse", part("sk", "COURSE", "course_id"), part("pk", "STUDENT", "student_id"))},
	})
	students, err := repo.New[student](db, repo.Spec{
		Table: "school", Key: key.Spec{Hash: part("pk", "STUDENT", "student_id"), Range: part("sk", "STUDENT", "student_id")},
	})
	require.NoError(t, err)
	courses, err := repo.New[course](db, repo.Spec{
		Table: "school", Key: key.Spec{Hash: part("pk", "COURSE", "course_id"), Range: part("sk", "COURSE", "course_id")},
	})
	require.NoError(t, err)
	taken, err := assoc.Linked(students, courses, links, studentID, courseID)
	require.NoError(t, err)
	takers, err := taken.Inverse()
	require.NoError(t, err)

	ctx, ann, algebra := t.Context(), student{"ann"}, course{ID: "algebra", Title: "Algebra"}
	put(t, students, ann, student{"bob"})
	require.NoError(t, taken.Create(ctx, &ann, &algebra))
	require.NoError(t, takers.Add(ctx, &algebra, &student{"bob"}))
	tr.Reset()
	got, err := taken.Of(&ann).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []course{algebra}, got)
	back, err := takers.Of(&algebra).Collect(ctx)
	require.NoError(t, err)
	assert.Equal(t, []student{{"ann"}, {"bob"}}, back)
	assert.Equal(t, map[string]int{"Query": 2, "BatchGetItem": 2}, tr.Counts())

	require.NoError(t, assoc.Destroy(ctx, courses, &algebra, takers))
	n, err := taken.Of(&ann).Count(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
}
