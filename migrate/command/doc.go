// Package command has the tasks of package migrate as a command of
// [github.com/spf13/cobra] that a program mounts in its own command line.
//
// It is a module of its own, so that who migrates without it has neither cobra
// nor a progress bar among the modules of the program:
//
//	go get github.com/dynarepo/dynarepo/migrate/command
package command
