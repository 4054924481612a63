package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// minJava is the first major version of Java that runs the pinned package.
const minJava = 17

// javaVersion matches what every vendor's "java -version" prints: 17.0.15, 21,
// 24-ea, and 1.8.0_402 of the numbering before Java 9.
var javaVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// checkJava returns a [*MissingError] unless the command is a Java of at least
// [minJava]. It runs the command, since macOS has a java that only says that
// there is none.
func checkJava(ctx context.Context, java string) error {
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err == nil {
		err = checkJavaVersion(string(out))
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("engine: %w", context.Cause(ctx))
	}
	return &MissingError{
		Program: fmt.Sprintf("Java %d or newer", minJava),
		Packages: []string{
			"openjdk-17-jre-headless", "openjdk-21-jre-headless", "openjdk-25-jre-headless", "default-jre-headless",
		},
		Err: err,
	}
}

func checkJavaVersion(out string) error {
	match := javaVersion.FindStringSubmatch(out)
	if match == nil {
		return errors.New("engine: java -version told no version")
	}
	major, err := strconv.Atoi(match[1])
	if err != nil {
		return fmt.Errorf("engine: java -version told no version: %w", err)
	}
	if major < minJava {
		return fmt.Errorf("engine: java is version %d", major)
	}
	return nil
}
