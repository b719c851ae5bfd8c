/** Completion scripts out of the command tree itself, so that they cannot fall behind it. Pure. */

import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

type Entry = { names: string[]; description: string; options: string[]; words: string[] };

/** A script to be sourced by the shell. */
export function completionScript(shell: Shell, program: Command): string {
  const entries = program.commands.map(entryOf);
  switch (shell) {
    case 'bash':
      return bash(entries);
    case 'zsh':
      return `#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n${bash(entries)}`;
    case 'fish':
      return fish(entries);
    default:
      return shell satisfies never;
  }
}

function entryOf(command: Command): Entry {
  return {
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: [...new Set([command, ...command.commands].flatMap(longOptions))],
    words: [
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      ...command.commands.map((each) => each.name()),
    ],
  };
}

function longOptions(command: Command): string[] {
  return command.options.flatMap(({ long }) => long ?? []);
}

function bash(entries: readonly Entry[]): string {
  const cases = entries.map(
    ({ names, options, words }) => `    ${names.join('|')}) words="${[...words, ...options].join(' ')}" ;;`,
  );
  return [
    '_sluice() {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the shell's variables
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${entries.flatMap(({ names }) => names).join(' ')}"`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the shell's variables
    '  else case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _sluice sluice',
    '',
  ].join('\n');
}

function fish(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ names, description, options, words }) => [
    ...names.map(
      (name) => `complete -c sluice -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
    ),
    ...options.map(
      (option) => `complete -c sluice -n '__fish_seen_subcommand_from ${names.join(' ')}' -l ${option.slice(2)}`,
    ),
    ...words.map((word) => `complete -c sluice -n '__fish_seen_subcommand_from ${names.join(' ')}' -a ${word}`),
  ]);
  return `${lines.join('\n')}\n`;
}
