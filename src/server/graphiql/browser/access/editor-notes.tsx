import { type MonacoEditor, useGraphiQL, useMonaco } from '@graphiql/react';
import type * as Monaco from 'monaco-editor';
import { useEffect, useState } from 'react';
import { usePageState } from '../use-page.ts';
import { isStillThere, type LineNote, lineNotes } from './line-notes.ts';

/**
 * Shows verdicts at the end of the lines of the editor. They are no part of its text: they are not copied,
 * and the cursor does not stop in them. Screen readers have the pane, which lists the same.
 */
export function EditorNotes(): null {
  const { verdicts } = usePageState();
  const editor = useGraphiQL(({ queryEditor }) => queryEditor);
  const { monaco } = useMonaco();
  const [notes, setNotes] = useState<TrackedNotes>();
  useEffect(() => {
    if (!editor || !monaco) return;
    const tracked = new TrackedNotes(editor, monaco);
    setNotes(tracked);
    return () => tracked.dispose();
  }, [editor, monaco]);
  useEffect(() => {
    if (!notes) return;
    if (verdicts === undefined) notes.show([]);
    // Of an older document, the notes are there already, on the lines that are left of it.
    else if (verdicts.query === editor?.getValue()) notes.show(lineNotes(verdicts.said.selections));
    else if (verdicts.said.selections.length === 0) notes.show([]);
  }, [notes, editor, verdicts]);
  return null;
}

/** Notes that move with their lines while the document is edited, and go with what they are about. */
class TrackedNotes {
  readonly #editor: MonacoEditor;
  readonly #monaco: typeof Monaco;
  readonly #decorations;
  readonly #listener;
  #notes: readonly LineNote[] = [];

  constructor(editor: MonacoEditor, monaco: typeof Monaco) {
    this.#editor = editor;
    this.#monaco = monaco;
    this.#decorations = editor.createDecorationsCollection();
    // A verdict at the end of a long line would be cut.
    editor.updateOptions({ wordWrap: 'on', wrappingIndent: 'deepIndent' });
    this.#listener = editor.onDidChangeModelContent(() => this.#move());
  }

  show(notes: readonly LineNote[]): void {
    this.#notes = notes;
    this.#decorations.set(notes.flatMap((note) => this.#decorate(note)));
  }

  dispose(): void {
    this.#listener.dispose();
    this.#decorations.clear();
  }

  #move(): void {
    const model = this.#editor.getModel();
    let isMoved = false;
    const moved = this.#notes.flatMap((note, index) => {
      const range = this.#decorations.getRange(index);
      const line = range?.startLineNumber ?? 0;
      const column = range?.startColumn ?? 0;
      const isKept =
        model &&
        range &&
        !range.isEmpty() &&
        isStillThere(model.getLineContent(line), note, column);
      isMoved ||=
        !isKept || range.endLineNumber !== line || range.endColumn !== model.getLineMaxColumn(line);
      return isKept ? [{ ...note, line, column }] : [];
    });
    if (isMoved) this.show(moved);
    else this.#notes = moved;
  }

  #decorate({ line, column, verdict, text, details }: LineNote) {
    const model = this.#editor.getModel();
    if (!model || line > model.getLineCount()) return [];
    const { editor } = this.#monaco;
    return [
      {
        range: new this.#monaco.Range(line, column, line, model.getLineMaxColumn(line)),
        options: {
          stickiness: editor.TrackedRangeStickiness.GrowsOnlyWhenTypingAfter,
          hoverMessage: { value: details },
          after: {
            // Where it wraps, the mark stays with its rule.
            content: `   ${text.replace(/(?<=[✓✕?]) /, '\u00a0')}`,
            inlineClassName: `access-note access-${verdict.replace(' ', '-')}`,
            cursorStops: editor.InjectedTextCursorStops.None,
          },
        },
      },
    ];
  }
}
