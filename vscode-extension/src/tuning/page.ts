// The panel's page: a frame without content, whose policy lets nothing in but the extension's own script and style.

export interface Sources {
  /** What the webview's own files are served from. */
  readonly csp: string;
  readonly script: string;
  readonly style: string;
  readonly nonce: string;
}

export function page(title: string, { csp, script, style, nonce }: Sources): string {
  const policy = `default-src 'none'; style-src ${csp}; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(style)}">
<title>${escaped(title)}</title>
</head>
<body>
<main id="tuning"><p>Looking for tunings…</p></main>
<script nonce="${escaped(nonce)}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
