import { describe, expect, it } from 'vitest';

import { accessOf, pointLayers, screenOf } from './access';
import { parseRoute } from './route';
import { SIGNED_OUT } from './session';

const held = (roles: Parameters<typeof accessOf>[0]): string[] => [...accessOf(roles, false).layers].sort();

describe('what a role asks for', () => {
  it('nobody asks for people, whoever is signed out', () => {
    expect(held(null)).toEqual(['ground', 'quarters', 'relays', 'streets']);
    expect(accessOf(null, false).area).toBe(false);
  });
  it('the flyer planner never asks for cases or volunteers', () => {
    expect(held(['diffusion'])).not.toContain('volunteers');
    expect(held(['diffusion'])).not.toContain('cases');
    expect(held(['diffusion'])).not.toContain('case_hexes');
  });
  it('the project lead asks for cases only in an emergency', () => {
    expect(held(['pilotage'])).not.toContain('cases');
    expect(accessOf(['pilotage'], true).layers.has('cases')).toBe(true);
  });
  it('the coordination and the project lead alone see cases counted by hexagon', () => {
    const roles = ['accueil', 'coordination', 'pilotage', 'diffusion', 'bienveilleur', 'dpo', 'administration'] as const;
    expect(roles.filter((role) => held([role]).includes('case_hexes'))).toEqual(['coordination', 'pilotage']);
    expect(pointLayers(accessOf(['pilotage'], false))).toContain('case_hexes');
  });
  it('the data-protection officer and the administration ask for no layer', () => {
    expect(accessOf(['dpo', 'administration'], false)).toEqual({ area: false, layers: new Set() });
  });
  it('two roles see what either sees', () => {
    expect(held(['accueil', 'pilotage'])).toEqual(['case_hexes', 'cases', 'ground', 'hexes', 'quarters', 'relays', 'streets', 'volunteers']);
  });
  it('the layer control offers what is held', () => {
    expect(pointLayers(accessOf(['bienveilleur'], false))).toEqual(['cases', 'relays', 'links', 'quarters']);
  });
});

describe('which screen answers', () => {
  const out = { session: SIGNED_OUT, asked: 'nothing', modes: [] } as const;
  const known = { ...out, session: { ...SIGNED_OUT, known_device: true } };
  const signedIn = { session: { ...SIGNED_OUT, signed_in: true }, asked: 'nothing', modes: ['coverage', 'relays'] } as const;
  const screen = (hash: string, gate: Parameters<typeof screenOf>[1]): string => screenOf(parseRoute(hash), gate);

  it('signed out: the public page, the notices, and the sign-in page for all else', () => {
    expect(screen('', out)).toBe('home');
    expect(screen('#/relais/4', out)).toBe('home');
    expect(screen('#/informations/accessibilite', out)).toBe('notice');
    expect(screen('#/coordination/cas/4', out)).toBe('sign_in');
  });
  it('a known device is asked for its short code, and may still see the public page', () => {
    expect(screen('', known)).toBe('pin');
    expect(screen('#/relais', known)).toBe('home');
    expect(screen('', { ...known, asked: 'password' })).toBe('sign_in');
  });
  it('a session that has ended is asked for its key wherever it was', () => {
    expect(screen('#/relais', { ...out, asked: 'password' })).toBe('sign_in');
    expect(screen('#/relais', { ...out, asked: 'pin' })).toBe('pin');
  });
  it('a relay reports and follows a report whoever is signed in, and before that is known', () => {
    for (const gate of [out, known, signedIn, { ...out, session: null }, { ...out, asked: 'password' as const }]) {
      expect(screen('#/signaler/7K3QX-M0T9A', gate)).toBe('relay_report');
      expect(screen('#/recu', gate)).toBe('receipt');
    }
  });
  it('stickers are printed by the coordination', () => {
    expect(screen('#/autocollant/4', signedIn)).toBe('refused');
    expect(screen('#/autocollant/4', { ...signedIn, modes: ['coordination', 'relays'] })).toBe('sticker');
    expect(screen('#/autocollant/4', out)).toBe('sign_in');
  });
  it('signed in: the first mode of the role, and a refusal for the modes of others', () => {
    expect(screen('', signedIn)).toBe('coverage');
    expect(screen('#/connexion', signedIn)).toBe('coverage');
    expect(screen('#/relais', signedIn)).toBe('relays');
    expect(screen('#/mon-compte', signedIn)).toBe('account');
    expect(screen('#/coordination', signedIn)).toBe('refused');
  });
  it('a required second step comes before anything else', () => {
    const account = { id: 1, name: 'x', login: 'x', roles: [], volunteer_id: null, second_factor: 'required' } as const;
    expect(screen('#/coordination', { ...signedIn, session: { ...signedIn.session, account }, modes: [] })).toBe('account');
  });
  it('nothing is shown before the server has said who is there', () => {
    expect(screen('#/coordination', { ...out, session: null })).toBe('waiting');
  });
});
