/** `$(NAME)` in command, args and env values, as the Kubernetes API reference of Container describes it. */

/** `$$` is an escaped `$`; a reference to an unknown variable stays as it stands. */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name: string | undefined) => {
    if (found === '$$') return '$';
    return (name !== undefined && Object.hasOwn(variables, name) ? variables[name] : undefined) ?? found;
  });
}
